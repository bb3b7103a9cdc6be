-- The execute request that made a job, as it was sent or last changed. Apart from the jobs: it may be large.
create table definitions (
    job_id text primary key references jobs (id) on delete cascade,
    definition text not null
) strict;

-- A batch runs nothing itself: `batch` is how many executions it has, and those have it as their parent.
alter table jobs add column batch integer;
alter table jobs add column parent text references jobs (id) on delete cascade;

create index jobs_of_batch on jobs (parent, created, seq) where parent is not null;
create index jobs_of_batch_by_status on jobs (parent, status) where parent is not null;

-- Who takes turns: an owner with all jobs that are in no batch, or a batch with its executions. A batch itself takes none.
alter table jobs add column party text not null default '';
update jobs set party = owner;
alter table turns rename column owner to party;
drop index jobs_waiting;
create index jobs_waiting on jobs (party, seq) where status = 'accepted' and claimed = 0 and batch is null;
drop index jobs_claimed;
create index jobs_claimed on jobs (party) where status = 'accepted' and claimed = 1;
drop index jobs_running;
create index jobs_running on jobs (party) where status = 'running' and batch is null;

-- A batch is kept, and goes, as one job.
drop index jobs_finished;
create index jobs_finished on jobs (finished) where finished is not null and parent is null;

drop trigger jobs_timed;
create trigger jobs_timed after update of started, finished on jobs begin
    update jobs set duration_ms =
        max(0, cast(round((julianday(new.finished) - julianday(new.started)) * 86400000) as integer))
        where seq = new.seq;
    update jobs set duration_class = max(3, min(10, length(duration_ms))) where seq = new.seq;
    update tally set ended = ended + (new.finished is not null) - (old.finished is not null)
        where (new.finished is null) <> (old.finished is null) and new.parent is null;
end;

drop trigger jobs_inserted;
create trigger jobs_inserted after insert on jobs when new.finished is not null begin
    update jobs set duration_ms =
        max(0, cast(round((julianday(new.finished) - julianday(new.started)) * 86400000) as integer))
        where seq = new.seq;
    update jobs set duration_class = max(3, min(10, length(duration_ms))) where seq = new.seq;
    update tally set ended = ended + 1 where new.parent is null;
end;

drop trigger jobs_deleted;
create trigger jobs_deleted after delete on jobs when old.finished is not null and old.parent is null begin
    update tally set ended = ended - 1;
end;

create trigger jobs_batch_deleted after delete on jobs when old.batch is not null begin
    delete from turns where party = old.id;
end;

-- A batch begins with the first of its executions and ends with the last, in the transaction that ends it.
create trigger jobs_batch_begun after update of status on jobs
when new.parent is not null and new.status = 'running'
begin
    update jobs set status = 'running', started = new.started, updated = max(new.updated, updated)
        where id = new.parent and status = 'accepted';
end;

create trigger jobs_batch_ended after update of status on jobs
when new.parent is not null and new.finished is not null and old.finished is null
    and not exists (
        select 1 from jobs where parent = new.parent and status in ('created', 'accepted', 'running')
    )
begin
    update jobs set
        (status, outcome) = (
            select
                case when jobs.dismissing then 'dismissed' when unsuccessful then 'failed' else 'successful' end,
                case when unsuccessful and not jobs.dismissing then json_object('outputs', null, 'failure', json_object(
                    'reason', 'execution-failed',
                    'message', unsuccessful || ' of ' || jobs.batch || ' executions were not successful.',
                    'step', null, 'exit_code', null, 'log', json_array()
                ), 'usage', null) end
            from (
                select count(*) as unsuccessful from jobs as parts
                where parts.parent = new.parent and parts.status in ('failed', 'dismissed')
            )
        ),
        finished = max(new.finished, updated),
        updated = max(new.updated, updated)
        where id = new.parent and finished is null;
end;
