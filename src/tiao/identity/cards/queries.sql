-- name: begin_card
-- Write a card down whose binding begins; one that waited before, with the same number, ends.
with ended as (
  update card set state = 'ended', ended_at = %(at)s::timestamptz, number_sealed = null, number_hmac = null,
                  code_hmac = null, code_until = null
   where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and state = 'pending'
     and number_hmac = %(number_hmac)s::bytea
)
insert into card (bucket, id, customer_id, number_sealed, number_hmac, tail, issuer, kind, account_class, state, code_hmac,
                  code_until, made_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(number_sealed)s::bytea, %(number_hmac)s::bytea,
        %(tail)s::text, %(issuer)s::text, %(kind)s::text, %(account_class)s::smallint, 'pending', %(code_hmac)s::bytea,
        %(code_until)s::timestamptz, %(at)s::timestamptz);

-- name: lock_card
-- A customer's card, locked.
select bucket, id, customer_id, number_sealed, number_hmac, tail, issuer, kind, account_class, state, source_id, code_hmac,
       code_until, code_tries, made_at, bound_at, ended_at
  from card where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid for update;

-- name: cards_of
-- A customer's cards that are bound, or are being bound.
select bucket, id, customer_id, number_sealed, number_hmac, tail, issuer, kind, account_class, state, source_id, code_hmac,
       code_until, code_tries, made_at, bound_at, ended_at
  from card where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and state <> 'ended'
 order by made_at, id;

-- name: set_card
-- Write what became of a card that is locked.
update card
   set state = %(state)s::text, source_id = %(source)s::uuid, number_sealed = %(number_sealed)s::bytea,
       number_hmac = %(number_hmac)s::bytea, code_hmac = %(code_hmac)s::bytea, code_until = %(code_until)s::timestamptz,
       code_tries = %(code_tries)s::smallint, bound_at = %(bound_at)s::timestamptz, ended_at = %(ended_at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: end_stale_cards
-- Forget the numbers of cards whose binding was never confirmed.
update card set state = 'ended', ended_at = %(at)s::timestamptz, number_sealed = null, number_hmac = null,
                code_hmac = null, code_until = null
 where bucket between %(first)s::smallint and %(last)s::smallint and state = 'pending'
   and code_until < %(at)s::timestamptz;
