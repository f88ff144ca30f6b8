-- name: end_links
-- End what is open of a line's links: the newest alone holds.
update payment_link set ended_at = %(at)s::timestamptz
 where bucket = %(bucket)s::smallint and line_id = %(line)s::uuid and ended_at is null;

-- name: insert_link
-- Write a link.
insert into payment_link (bucket, id, line_id, customer_id, made_by, made_at, expires_at)
values (%(bucket)s, %(id)s, %(line_id)s, %(customer_id)s, %(made_by)s, %(made_at)s, %(expires_at)s);

-- name: link
-- One link.
select bucket, id, line_id, customer_id, made_by, made_at, expires_at, tries, order_id, ended_at
  from payment_link where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: lock_link
-- One link, locked.
select bucket, id, line_id, customer_id, made_by, made_at, expires_at, tries, order_id, ended_at
  from payment_link where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: set_link
-- Write what became of a link that is locked.
update payment_link
   set tries = %(tries)s::smallint, order_id = %(order_id)s::uuid, ended_at = %(ended_at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;
