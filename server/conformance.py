"""The conformance classes that are met, and nothing else: tests hold each to its requirements."""

from __future__ import annotations

_COMMON = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
_CORE_1 = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
_CORE_2 = "http://www.opengis.net/spec/ogcapi-processes-1/2.0/conf/"
_WORKFLOWS = "http://www.opengis.net/spec/ogcapi-processes-3/0.0/conf/"
_JOBS = "http://www.opengis.net/spec/ogcapi-processes-4/1.0/conf/"
_DEPLOY = "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/"

#: By the beginning of their URIs.
_CLASSES = {
    _COMMON: ("core", "landing-page", "json", "html", "oas30"),
    _CORE_1: ("core", "ogc-process-description", "json", "html", "oas30", "job-list", "callback", "dismiss"),
    _CORE_2: (
        *("core", "ogc-process-description", "json", "html", "oas", "oas30", "oas31", "job-list"),
        *("callback", "dismiss", "kvp-execute", "query-param-profile"),
    ),
    _DEPLOY: ("deploy-replace-undeploy", "ogcapppkg", "docker", "cwl"),
    _WORKFLOWS: (
        "nested-processes",
        "remote-core-processes",
        "deployable-workflows",
        "collection-input",
        "remote-collections",
    ),
    _JOBS: ("job-management", "ogcapi-processes", "provenance"),
}

CLASSES = [prefix + name for prefix, names in _CLASSES.items() for name in names]
