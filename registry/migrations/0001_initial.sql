-- Every revision of every process; the current one of an id is the one not removed.
create table processes (
    revision integer primary key,
    id text not null,
    description text not null,
    cwl text not null,
    digest text not null,
    package blob not null,
    media_type text not null,
    mutable integer not null,
    created text not null,
    removed text
) strict;

create unique index processes_current on processes (id) where removed is null;

create table jobs (
    seq integer primary key autoincrement,
    id text not null unique,
    process_id text not null,
    revision integer not null references processes (revision),
    request text not null,
    listed integer not null,
    status text not null,
    claimed integer not null default 0,
    created text not null,
    started text,
    finished text,
    updated text not null,
    outcome text
) strict;

-- Apart from the jobs: it may be large, and only a run needs it.
create table orders (
    job_id text primary key references jobs (id) on delete cascade,
    job_order text not null
) strict;

create index jobs_waiting on jobs (seq) where status = 'accepted';
create index jobs_running on jobs (seq) where status = 'running';
create index jobs_by_process on jobs (process_id, seq);
