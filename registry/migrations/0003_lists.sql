-- How long a job ran, in milliseconds, and the number of digits of that: jobs of a class lie within a factor of ten.
alter table jobs add column duration_ms integer;
alter table jobs add column duration_class integer;

-- How many jobs have ended.
create table tally (ended integer not null) strict;
insert into tally select count(*) from jobs where finished is not null;

-- What cursors are signed with.
create table secrets (name text primary key, value blob not null) strict;
insert into secrets values ('cursors', randomblob(32));

update jobs set duration_ms = max(0, cast(round((julianday(finished) - julianday(started)) * 86400000) as integer))
    where finished is not null and started is not null;
update jobs set duration_class = max(3, min(10, length(duration_ms))) where duration_ms is not null;

create trigger jobs_timed after update of started, finished on jobs begin
    update jobs set duration_ms =
        max(0, cast(round((julianday(new.finished) - julianday(new.started)) * 86400000) as integer))
        where seq = new.seq;
    update jobs set duration_class = max(3, min(10, length(duration_ms))) where seq = new.seq;
    update tally set ended = ended + (new.finished is not null) - (old.finished is not null)
        where (new.finished is null) <> (old.finished is null);
end;

create trigger jobs_inserted after insert on jobs when new.finished is not null begin
    update jobs set duration_ms =
        max(0, cast(round((julianday(new.finished) - julianday(new.started)) * 86400000) as integer))
        where seq = new.seq;
    update jobs set duration_class = max(3, min(10, length(duration_ms))) where seq = new.seq;
    update tally set ended = ended + 1;
end;

create trigger jobs_deleted after delete on jobs when old.finished is not null begin
    update tally set ended = ended - 1;
end;

-- Lists are in the order of creation. `listed` stands in each so that the index alone answers;
-- behind each entry SQLite has the row's number, which orders what was created in the same millisecond.
drop index jobs_by_process;
create index jobs_by_creation on jobs (created, seq, listed) where listed;
create index jobs_by_status on jobs (status, created, seq, listed) where listed;
create index jobs_by_process on jobs (process_id, created, seq, listed) where listed;
create index jobs_by_process_and_status on jobs (process_id, status, created, seq, listed) where listed;

-- The same for one class of durations, and by the duration itself where only few jobs of a class are meant.
create index jobs_by_class on jobs (status, duration_class, created, seq, duration_ms, listed)
    where listed and duration_class is not null;
create index jobs_by_process_and_class on jobs (process_id, status, duration_class, created, seq, duration_ms, listed)
    where listed and duration_class is not null;
create index jobs_by_duration on jobs (status, duration_ms, created, seq, listed)
    where listed and duration_ms is not null;
create index jobs_by_process_and_duration on jobs (process_id, status, duration_ms, created, seq, listed)
    where listed and duration_ms is not null;

create index processes_listed on processes (revision) where removed is null;
