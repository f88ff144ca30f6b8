-- name: note_sheet_seen
-- Note when a sheet was first shown to a customer; what was seen long ago is forgotten, and is seen anew.
with old as (
  delete from cost_sheet_view
   where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and shown_at < %(before)s::timestamptz
     and digest <> %(digest)s::bytea
)
insert into cost_sheet_view as v (bucket, customer_id, digest, shown_at)
values (%(bucket)s::smallint, %(customer)s::uuid, %(digest)s::bytea, %(at)s::timestamptz)
on conflict (bucket, customer_id, digest) do update set shown_at = excluded.shown_at
 where v.shown_at < %(before)s::timestamptz;

-- name: sheet_seen
-- When a sheet was first shown to a customer.
select shown_at from cost_sheet_view
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and digest = %(digest)s::bytea;
