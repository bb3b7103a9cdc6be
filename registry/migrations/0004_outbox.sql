-- What clients are to be told of their jobs: a row for each change of status that a subscriber wants to know.
-- `request.subscriber` of a job is {"base": …, "successUri": {"url": …, "host": …}, …}; see registry/subscriber.py.
create table outbox (
    seq integer primary key autoincrement,
    -- The same at every attempt.
    id text not null unique,
    job_id text not null,
    event text not null,
    url text not null,
    host text not null,
    base text not null,
    -- Written before the first attempt; later ones send the same bytes, whatever has become of the job.
    body blob,
    state text not null default 'waiting',
    attempts integer not null default 0,
    -- What came of the last attempt.
    said text,
    created text not null,
    -- When the next attempt is; empty: at once.
    due text not null default ''
) strict;

create index outbox_due on outbox (due) where state = 'waiting';
create index outbox_of_job on outbox (job_id);

-- In the transaction that changes the status, whichever statement does: a crash leaves both or neither.
create trigger jobs_tell after update of status on jobs
when new.status <> old.status and json_extract(new.request, '$.subscriber') is not null
begin
    insert into outbox (id, job_id, event, url, host, base, created)
    select 'msg_' || lower(hex(randomblob(16))), new.id, told.key, json_extract(told.value, '$.url'),
        json_extract(told.value, '$.host'), json_extract(new.request, '$.subscriber.base'), new.updated
    from json_each(new.request, '$.subscriber') as told
    where told.key = case new.status
        when 'running' then 'inProgressUri'
        when 'successful' then 'successUri'
        when 'failed' then 'failedUri'
        when 'dismissed' then 'failedUri'
    end;
end;

-- A job stays until what is to be told of it is written down.
create trigger jobs_untold before delete on jobs
when exists (select 1 from outbox where job_id = old.id and state = 'waiting' and body is null)
begin
    select raise(ignore);
end;

-- What has not arrived is told all the same.
create trigger jobs_told after delete on jobs
begin
    delete from outbox where job_id = old.id and state <> 'waiting';
end;
