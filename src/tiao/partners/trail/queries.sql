-- name: insert_act
-- Write what an operator did.
insert into operator_act (id, at, operator_id, key_id, did, operation, reason)
values (%(id)s, %(at)s::timestamptz, %(operator)s, %(key)s, %(did)s, %(operation)s, %(reason)s);

-- name: acts
-- What operators did, latest first: of one of them, of one sort, about one thing that the path names.
select id, at, operator_id, key_id, did, operation, reason from operator_act
 where (at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
   and (%(operator)s::uuid is null or operator_id = %(operator)s::uuid)
   and (%(did)s::text is null or did = %(did)s::text)
   and (%(about)s::text is null or strpos(operation, %(about)s::text) > 0)
 order by at desc, id desc limit %(limit)s::integer;
