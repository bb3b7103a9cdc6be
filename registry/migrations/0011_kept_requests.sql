-- What a request was is kept as its results are. That of a batch stands with the batch, which has no folder; what its
-- executions were given stands with them. Jobs that ended before are not looked at again.
drop trigger jobs_batch_ended;
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
        kept = (select coalesce(sum(length(definition)), 0) from definitions where job_id = new.parent),
        finished = max(new.finished, updated),
        updated = max(new.updated, updated)
        where id = new.parent and finished is null;
end;
