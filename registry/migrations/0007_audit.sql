-- Who did what, written in the transaction that does it. `token` is the id of the token, `address` where it came from.
create table audit (
    seq integer primary key autoincrement,
    time text not null,
    actor text not null,
    token text not null,
    address text not null,
    act text not null,
    target text not null
) strict;

create index audit_of_time on audit (time);
