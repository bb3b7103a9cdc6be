"""The API definition, made from the list of routes and from the processes that are deployed."""
