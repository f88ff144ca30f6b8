-- name: give
-- Write a consent; one that is in force stays as it is.
insert into consent (bucket, id, customer_id, purpose, given_at)
values (%(bucket)s, %(id)s, %(customer)s, %(purpose)s, %(at)s)
on conflict (bucket, customer_id, purpose) where revoked_at is null do nothing;

-- name: revoke
-- Take a consent back; none in force, nothing happens.
update consent set revoked_at = %(at)s
 where bucket = %(bucket)s and customer_id = %(customer)s and purpose = %(purpose)s and revoked_at is null;

-- name: consents
-- A customer's consents, oldest first.
select bucket, id, customer_id, purpose, given_at, revoked_at from consent
 where bucket = %(bucket)s and customer_id = %(customer)s order by given_at, id;

-- name: in_force
-- Which purposes customers allow at an instant.
select customer_id, purpose from consent
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[])
   and given_at <= %(at)s::timestamptz and (revoked_at is null or revoked_at > %(at)s::timestamptz);

-- name: agree
-- Write that a text was agreed to; agreed already, nothing changes.
insert into agreement (bucket, customer_id, text, version_on, agreed_at)
values (%(bucket)s::smallint, %(customer)s::uuid, %(text)s::text, %(version_on)s::date, %(at)s::timestamptz)
on conflict do nothing;

-- name: give_bureau_consents
-- Write consents to queries of a bureau, each for one application.
insert into bureau_consent (bucket, application_id, customer_id, text_version, language, channel, given_at)
select c.bucket, c.application_id, c.customer_id, c.text_version, c.language, c.channel, c.given_at
  from unnest(%(bucket)s::smallint[], %(application)s::uuid[], %(customer)s::uuid[], %(text_version)s::date[],
              %(language)s::text[], %(channel)s::text[], %(given_at)s::timestamptz[])
    as c (bucket, application_id, customer_id, text_version, language, channel, given_at)
on conflict on constraint bureau_consent_pk do nothing;

-- name: bureau_consents
-- A customer's consents to queries of a bureau, oldest first.
select bucket, application_id, customer_id, text_version, language, channel, given_at from bureau_consent
 where bucket = %(bucket)s and customer_id = %(customer)s order by given_at, application_id;
