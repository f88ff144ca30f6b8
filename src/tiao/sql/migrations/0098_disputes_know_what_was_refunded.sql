-- What had been given back of a purchase when it was disputed, so that what is given back meanwhile is not awarded again.
alter table dispute add column refunded_before_minor bigint;
update dispute d set refunded_before_minor = coalesce((
  select sum(r.amount_minor) from refund r
   where r.bucket = d.bucket and r.purchase_id = d.purchase_id and r.recorded_at <= d.opened_at), 0);
alter table dispute alter column refunded_before_minor set not null;
