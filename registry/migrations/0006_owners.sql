-- Who registered a process; '' (nobody): it is everybody's.
alter table processes add column owner text not null default '';
create index processes_owned on processes (owner, revision) where removed is null;

-- With whom owners share: `kind` is 'process' or 'job', `grantee` a name, or '*' for everybody.
create table shares (
    kind text not null,
    id text not null,
    grantee text not null,
    primary key (kind, id, grantee)
) strict, without rowid;

create index shares_of on shares (kind, grantee, id);

create trigger jobs_unshared after delete on jobs begin
    delete from shares where kind = 'job' and id = old.id;
end;

-- Who may ask. The hash is the SHA-256 of a token, which itself is nowhere; `scopes` have blanks between them.
create table tokens (
    id text primary key,
    name text not null,
    hash blob not null unique,
    scopes text not null,
    created text not null,
    expires text,
    revoked text
) strict;

-- A list is that of one owner.
drop index jobs_by_creation;
drop index jobs_by_status;
drop index jobs_by_process;
drop index jobs_by_process_and_status;
create index jobs_by_creation on jobs (owner, created, seq, listed) where listed;
create index jobs_by_status on jobs (owner, status, created, seq, listed) where listed;
create index jobs_by_process on jobs (owner, process_id, created, seq, listed) where listed;
create index jobs_by_process_and_status on jobs (owner, process_id, status, created, seq, listed) where listed;

drop index jobs_by_class;
drop index jobs_by_process_and_class;
drop index jobs_by_duration;
drop index jobs_by_process_and_duration;
create index jobs_by_class on jobs (owner, status, duration_class, created, seq, duration_ms, listed)
    where listed and duration_class is not null;
create index jobs_by_process_and_class
    on jobs (owner, process_id, status, duration_class, created, seq, duration_ms, listed)
    where listed and duration_class is not null;
create index jobs_by_duration on jobs (owner, status, duration_ms, created, seq, listed)
    where listed and duration_ms is not null;
create index jobs_by_process_and_duration on jobs (owner, process_id, status, duration_ms, created, seq, listed)
    where listed and duration_ms is not null;
