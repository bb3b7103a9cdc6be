-- Owners take turns, and within the turns of one its parties: its batches, and all other jobs. `turns` has both.
drop index jobs_waiting;
create index jobs_waiting on jobs (owner, party, seq) where status = 'accepted' and claimed = 0 and batch is null;
create index turns_last on turns (turn);
