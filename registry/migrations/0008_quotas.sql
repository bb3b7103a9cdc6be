-- Bytes of the folder of a job that has ended; null: nobody has looked yet. A batch has no folder.
alter table jobs add column kept integer;

-- What may wait or run of each owner is counted by these alone.
create index jobs_pending_of_owner on jobs (owner) where status in ('created', 'accepted') and batch is null;
create index jobs_running_of_owner on jobs (owner) where status = 'running' and batch is null;
create index jobs_claimed_of_owner on jobs (owner) where status = 'accepted' and claimed = 1;
create index jobs_unmeasured on jobs (seq) where kept is null and finished is not null and batch is null;
create index jobs_kept_of_owner on jobs (owner, kept) where kept > 0;

-- The bytes of all folders of an owner; a job that is removed takes its own with it.
create table kept (
    owner text primary key,
    bytes integer not null
) strict, without rowid;

create trigger jobs_kept after update of kept on jobs when coalesce(new.kept, 0) <> coalesce(old.kept, 0)
begin
    insert into kept values (new.owner, coalesce(new.kept, 0) - coalesce(old.kept, 0))
        on conflict (owner) do update set bytes = bytes + excluded.bytes;
end;

create trigger jobs_kept_deleted after delete on jobs when old.kept > 0
begin
    update kept set bytes = bytes - old.kept where owner = old.owner;
end;

-- CPU time of the jobs of an owner that ended within the same ten minutes, which `slot` is the beginning of the text
-- of: 2000-01-01T12:3. It stays when the jobs are removed.
create table spent (
    owner text not null,
    slot text not null,
    seconds real not null,
    primary key (owner, slot)
) strict, without rowid;

create index spent_slot on spent (slot);

-- Of a run that nobody saw to its end, what it had reserved counts.
create trigger jobs_spent after update of finished on jobs
when new.finished is not null and old.finished is null and new.started is not null and new.batch is null
begin
    insert into spent values (
        new.owner,
        substr(new.finished, 1, 15),
        coalesce(
            json_extract(new.outcome, '$.usage.cpuSeconds'),
            new.cores * max(0.0, (julianday(new.finished) - julianday(new.started)) * 86400)
        )
    )
    on conflict (owner, slot) do update set seconds = seconds + excluded.seconds;
end;

insert into spent
    select owner, substr(finished, 1, 15), sum(json_extract(outcome, '$.usage.cpuSeconds'))
    from jobs
    where finished > strftime('%Y-%m-%dT%H:%M:%S', 'now', '-2 days') and batch is null
        and json_extract(outcome, '$.usage.cpuSeconds') is not null
    group by 1, 2;
