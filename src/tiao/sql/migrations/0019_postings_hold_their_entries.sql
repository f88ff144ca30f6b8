-- A posting holds its entries: one row, one key, one log record for what is written together and read together.
-- ledger_entry stays, as a view, for everybody who reads (docs/decisions/0013-a-posting-holds-its-entries.md).
drop trigger ledger_posting_is_append_only on ledger_posting;
alter table ledger_posting
  add column currency char(3),
  -- What the posting moved of its line's hold; nothing is known of postings from before this column.
  add column held_delta_minor bigint,
  add column accounts integer[],
  add column owners uuid[],
  add column amounts_minor bigint[];
-- What a posting says is its row: it is compared as it stands, and needs no digest.
alter table ledger_posting drop column digest;
update ledger_posting p
   set currency = e.currency, accounts = e.accounts, owners = e.owners, amounts_minor = e.amounts
  from (select bucket, posting_id, min(currency) as currency, array_agg(account order by number) as accounts,
               array_agg(owner_id order by number) as owners, array_agg(amount_minor order by number) as amounts
          from ledger_entry group by bucket, posting_id having count(distinct currency) = 1) e
 where p.bucket = e.bucket and p.id = e.posting_id;
alter table ledger_posting
  alter column currency set not null,
  alter column accounts set not null,
  alter column owners set not null,
  alter column amounts_minor set not null,
  -- Large postings of the close are stored beside the row as they are: squeezing them cost more than it saved.
  alter column accounts set storage external,
  alter column owners set storage external,
  alter column amounts_minor set storage external,
  add constraint ledger_posting_entries_are_whole check (
    cardinality(owners) = cardinality(accounts) and cardinality(amounts_minor) = cardinality(accounts)
    and array_position(owners, null) is null),
  add constraint ledger_entry_moves_something check (0 <> all (amounts_minor));
create trigger ledger_posting_is_append_only before update or delete or truncate on ledger_posting
  for each statement execute function ledger_refuse_change();

drop table ledger_entry;
create view ledger_entry as
select p.bucket, p.id as posting_id, e.number::smallint as number, e.account, e.owner_id, p.currency, e.amount_minor,
       p.booked_on
  from ledger_posting p
 cross join lateral unnest(p.accounts, p.owners, p.amounts_minor) with ordinality
       as e (account, owner_id, amount_minor, number);

-- Most postings are their own source; an index is kept for the others.
drop index ledger_posting_source;
create index ledger_posting_source on ledger_posting (bucket, source_id) where source_id <> id;
