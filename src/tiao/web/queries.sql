-- name: begin_visit
-- A browser comes to the cashier.
insert into payer_visit (id, customer_id, began_at, expires_at)
values (%(id)s, %(customer)s::uuid, %(at)s::timestamptz, %(expires_at)s::timestamptz);

-- name: visit
-- A visit that is not over.
select id, phone_hmac, customer_id, began_at, expires_at from payer_visit
 where id = %(id)s and expires_at > %(at)s::timestamptz;

-- name: end_visit
-- A visit is over.
delete from payer_visit where id = %(id)s;

-- name: forget_visits
-- Visits and codes whose time is over.
with visits as (delete from payer_visit where expires_at <= %(at)s::timestamptz),
     counts as (delete from code_count where window_began_at < %(before)s::timestamptz)
delete from payer_code where window_began_at < %(before)s::timestamptz;

-- name: expect_phone
-- Whose code a visit will give.
update payer_visit set phone_hmac = %(phone_hmac)s::bytea where id = %(id)s;

-- name: keep_registration
-- What somebody new gave of themselves, sealed, until the phone's code has come back.
update payer_visit set registration_sealed = %(sealed)s::bytea where id = %(id)s;

-- name: registration
-- What somebody new gave.
select registration_sealed from payer_visit where id = %(id)s;

-- name: expect_passkey
-- What a passkey is to sign so that a visit is signed in.
update payer_visit set passkey_challenge = %(challenge)s::bytea, passkey_until = %(until)s::timestamptz
 where id = %(id)s;

-- name: take_passkey
-- What a passkey was to sign, taken away: it is good once. The row is read as it was.
with asked as (
  select id, passkey_challenge from payer_visit
   where id = %(id)s::bytea and passkey_until > %(at)s::timestamptz
     for update
)
update payer_visit v set passkey_challenge = null, passkey_until = null from asked
 where v.id = asked.id returning asked.passkey_challenge;

-- name: new_code
-- Keep the newest code of a phone, unless one was asked for too often; no row is touched then.
insert into payer_code as c (phone_hmac, code_digest, sent_at, expires_at, sent_count, window_began_at)
values (%(phone_hmac)s, %(code)s, %(at)s::timestamptz, %(expires_at)s::timestamptz, 1, %(at)s::timestamptz)
on conflict (phone_hmac) do update
   set code_digest = excluded.code_digest, sent_at = excluded.sent_at, expires_at = excluded.expires_at, tries = 0,
       customer_id = null,
       sent_count = case when c.window_began_at <= %(window)s::timestamptz then 1 else c.sent_count + 1 end,
       window_began_at = case when c.window_began_at <= %(window)s::timestamptz then excluded.sent_at
                              else c.window_began_at end
 where c.sent_at <= %(pause)s::timestamptz
   and (c.window_began_at <= %(window)s::timestamptz or c.sent_count < %(sent_max)s);

-- name: count_code
-- Count a code within the hour that its first began.
insert into code_count as c (key, window_began_at, sent_count) values (%(key)s::bytea, %(at)s::timestamptz, 1)
on conflict (key) do update
   set sent_count = case when c.window_began_at <= %(window)s::timestamptz then 1 else c.sent_count + 1 end,
       window_began_at = case when c.window_began_at <= %(window)s::timestamptz then excluded.window_began_at
                              else c.window_began_at end
returning sent_count, window_began_at;

-- name: note_recipient
-- To whom a phone's code was sent.
update payer_code set customer_id = %(customer)s where phone_hmac = %(phone_hmac)s and code_digest = %(code)s::bytea;

-- name: try_code
-- Count a try against a phone's code, and give the code, and to whom it was sent, while it is good.
update payer_code set tries = tries + 1
 where phone_hmac = %(phone_hmac)s and expires_at > %(at)s::timestamptz and tries < %(tries_max)s
returning code_digest, customer_id;

-- name: burn_code
-- A code was used.
update payer_code set expires_at = %(at)s::timestamptz where phone_hmac = %(phone_hmac)s;

-- name: note_quote
-- Which quote a visit sees the plans of.
insert into payer_order (visit_id, order_id, quote_id) values (%(visit)s, %(order)s, %(quote)s::uuid)
on conflict (visit_id, order_id) do update set quote_id = excluded.quote_id;

-- name: quote_seen
-- The quote whose plans a visit sees.
select quote_id from payer_order where visit_id = %(visit)s and order_id = %(order)s;

-- name: show_sheet
-- A cost sheet is shown; another one of the same plan is read from the beginning.
insert into payer_sheet as s (quote_id, plan_code, digest, shown_at)
values (%(quote)s, %(plan)s, %(digest)s::bytea, %(at)s::timestamptz)
on conflict (quote_id, plan_code) do update set digest = excluded.digest, shown_at = excluded.shown_at
 where s.digest <> excluded.digest and s.confirmed_at is null;

-- name: confirm_sheet
-- A cost sheet is confirmed; the first time counts. Gives when it was shown and confirmed, if it was shown.
update payer_sheet set confirmed_at = coalesce(confirmed_at, %(at)s::timestamptz)
 where quote_id = %(quote)s and plan_code = %(plan)s and digest = %(digest)s::bytea and shown_at <= %(read)s::timestamptz
returning shown_at, confirmed_at;

-- name: shown_sheet
-- Whether a cost sheet was shown.
select shown_at from payer_sheet where quote_id = %(quote)s and plan_code = %(plan)s and digest = %(digest)s::bytea;
