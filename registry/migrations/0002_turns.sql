alter table jobs add column owner text not null default '';
-- What a run reserves: cores, and memory in MiB.
alter table jobs add column cores real not null default 1;
alter table jobs add column memory integer not null default 0;
alter table jobs add column images text not null default '{}';
-- A dismissal that a crash cut short is finished by the next start.
alter table jobs add column dismissing integer not null default 0;

-- When each owner had a turn last: the number of that turn.
create table turns (
    owner text primary key,
    turn integer not null
) strict;

-- Of requests that may be sent again: what the first of them made.
create table idempotency (
    owner text not null,
    key text not null,
    fingerprint text not null,
    job_id text,
    revision integer,
    created text not null,
    primary key (owner, key)
) strict;

drop index jobs_waiting;
create index jobs_waiting on jobs (owner, seq) where status = 'accepted' and claimed = 0;
create index jobs_claimed on jobs (owner) where status = 'accepted' and claimed = 1;
drop index jobs_running;
create index jobs_running on jobs (owner) where status = 'running';
create index jobs_finished on jobs (finished) where finished is not null;
create index idempotency_created on idempotency (created);
