-- name: see_day
-- Write what was seen of every merchant that sold or gave back on a day; seen again, it comes out the same.
insert into risk_merchant_day (merchant_id, day_on, purchases, amount_minor, refunds, refunded_minor, just_below, draining,
                               draining_minor, linked, customers)
select m.id, %(day)s::date, p.purchases, p.amount_minor, coalesce(r.refunds, 0), coalesce(r.refunded_minor, 0), p.just_below, p.draining,
       p.draining_minor, p.linked, p.customers
  from merchant m
 cross join lateral (
    select count(*) as purchases, coalesce(sum(o.amount_minor), 0)::bigint as amount_minor,
           count(*) filter (where exists (
             select from unnest(%(limits)s::bigint[]) as l (minor)
              where o.amount_minor < l.minor and o.amount_minor >= l.minor * %(below_ppm)s::bigint / 1000000)) as just_below,
           count(*) filter (where o.amount_minor >= c.limit_minor * %(drains_ppm)s::bigint / 1000000) as draining,
           coalesce(sum(o.amount_minor)
             filter (where o.amount_minor >= c.limit_minor * %(drains_ppm)s::bigint / 1000000), 0)::bigint as draining_minor,
           count(*) filter (where g.size >= %(ring_size)s::integer) as linked,
           count(distinct o.customer_id) as customers
      from purchase o
      join credit_line c on c.bucket = o.bucket and c.id = o.line_id
      left join risk_member k on k.bucket = o.bucket and k.customer_id = o.customer_id
      left join risk_component g on g.id = k.component_id
     where o.merchant_id = m.id and o.authorised_at >= %(starts_at)s::timestamptz
       and o.authorised_at < %(ends_at)s::timestamptz and o.outcome <> 'declined') p
  left join (
    select x.merchant_id, count(*) as refunds, sum(x.amount_minor)::bigint as refunded_minor
      from refund x where x.effective_on = %(day)s::date group by x.merchant_id) r on r.merchant_id = m.id
 where p.purchases > 0 or r.refunds > 0
on conflict on constraint risk_merchant_day_pk do update
  set purchases = excluded.purchases, amount_minor = excluded.amount_minor, refunds = excluded.refunds,
      refunded_minor = excluded.refunded_minor, just_below = excluded.just_below, draining = excluded.draining,
      draining_minor = excluded.draining_minor, linked = excluded.linked, customers = excluded.customers;

-- name: days_on
-- What was seen of merchants on a day.
select merchant_id, day_on, purchases, amount_minor, refunds, refunded_minor, just_below, draining, draining_minor, linked,
       customers
  from risk_merchant_day where day_on = %(day)s::date order by merchant_id;

-- name: before
-- What merchants are used to: their four weeks before a day.
select d.merchant_id, least(28, (%(day)s::date - min(f.first_on)))::integer as days,
       coalesce(sum(d.purchases), 0)::bigint as purchases, coalesce(sum(d.amount_minor), 0)::bigint as amount_minor,
       coalesce(sum(d.refunded_minor), 0)::bigint as refunded_minor
  from risk_merchant_day d
  join (select merchant_id, min(day_on) as first_on from risk_merchant_day
         where merchant_id = any (%(merchants)s::uuid[]) group by merchant_id) f on f.merchant_id = d.merchant_id
 where d.merchant_id = any (%(merchants)s::uuid[]) and d.day_on < %(day)s::date and d.day_on >= %(day)s::date - 28
 group by d.merchant_id;

-- name: note_alarms
-- Note what speaks against merchants.
update risk_merchant_day d set alarms = string_to_array(a.alarms, ',')
  from unnest(%(merchant)s::uuid[], %(alarms)s::text[]) as a (merchant, alarms)
 where d.merchant_id = a.merchant and d.day_on = %(day)s::date;

-- name: hours
-- What every merchant sold since an instant.
select m.id as merchant_id, p.purchases, p.amount_minor, p.draining, p.customers
  from merchant m
 cross join lateral (
    select count(*) as purchases, coalesce(sum(o.amount_minor), 0)::bigint as amount_minor,
           count(*) filter (where o.amount_minor >= c.limit_minor * %(drains_ppm)s::bigint / 1000000) as draining,
           count(distinct o.customer_id) as customers
      from purchase o join credit_line c on c.bucket = o.bucket and c.id = o.line_id
     where o.merchant_id = m.id and o.authorised_at >= %(since)s::timestamptz and o.outcome <> 'declined') p
 where p.purchases > 0 order by m.id;

-- name: seen
-- What was seen of a merchant, the latest day first, with what spoke against it.
select merchant_id, day_on, purchases, amount_minor, refunds, refunded_minor, just_below, draining, draining_minor, linked,
       customers, alarms
  from risk_merchant_day where merchant_id = %(merchant)s order by day_on desc limit %(limit)s::integer;

-- name: counted
-- The four weeks of every merchant that was seen in them, and what alarmed on the latest day of them.
select merchant_id, count(*)::integer as days, sum(purchases)::bigint as purchases, sum(amount_minor)::bigint as amount_minor,
       sum(refunded_minor)::bigint as refunded_minor, sum(just_below)::bigint as just_below, sum(draining)::bigint as draining,
       sum(linked)::bigint as linked,
       string_to_array((array_agg(array_to_string(alarms, ',') order by day_on desc))[1], ',') as alarms
  from risk_merchant_day where day_on > %(today)s::date - 28 group by merchant_id;
