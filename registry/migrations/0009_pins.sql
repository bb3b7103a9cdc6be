-- What the names of images in a process stand for, by name: an id, or [id, name@digest] (registry/models/process.py, Pin).
alter table processes add column images text not null default '{}';
