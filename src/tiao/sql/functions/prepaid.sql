-- Keep, draw and release what customers paid before a service, for what was booked on a day in a range of buckets. It runs
-- in the close before the settlement, so what is kept is in no payout.
--
-- Arrays describe the scenes of the day that are paid before: name, share paid at once, steps, days of a step.
create or replace function payments_prepaid(
  p_from smallint, p_to smallint, p_day date, p_scene text[], p_first numeric[], p_steps smallint[],
  p_step_days smallint[], p_recorded_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_held bigint;
  v_drawn bigint;
  v_released bigint;
begin
  -- What was captured at a merchant of such a scene, less the share that it gets at once.
  with captured as (
    select p.bucket, n.id, n.purchase_id, n.merchant_id, p.currency, s.steps, s.step_days,
           -sum(e.amount) as net, s.first
      from ledger_posting p
      join loan n on n.bucket = p.bucket and n.id = p.source_id
      join merchant m on m.id = n.merchant_id
      join unnest(p_scene, p_first, p_steps, p_step_days) as s (scene, first, steps, step_days) on s.scene = m.category
     cross join lateral unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)
     where p.booked_on = p_day and p.kind = 'purchase_captured' and p.bucket between p_from and p_to
       and e.account = 2001 and e.owner = n.merchant_id
     group by p.bucket, n.id, n.purchase_id, n.merchant_id, p.currency, s.steps, s.step_days, s.first
  ), kept as (
    insert into prepaid_hold (bucket, loan_id, purchase_id, merchant_id, currency, held_minor, left_minor, steps, step_days,
                              steps_done, held_on, next_on)
    select c.bucket, c.id, c.purchase_id, c.merchant_id, c.currency, k.amount, k.amount, c.steps, c.step_days, 0, p_day,
           p_day + c.step_days
      from captured c cross join lateral (select (c.net - trunc(c.net * c.first))::bigint as amount) k
     where k.amount > 0
    returning bucket, merchant_id, currency, held_minor
  )
  select payments_prepaid_post('prepaid_held', array_agg(k.bucket), array_agg(k.merchant_id),
                               array_agg(k.currency::text), array_agg(k.held_minor), p_day, p_recorded_at)
    into v_held from kept k;

  -- What was refunded is paid from what is kept for that purchase first, the oldest capture before the next.
  with refunded as (
    select r.bucket, r.purchase_id, sum(e.amount)::bigint as amount
      from ledger_posting p
      join refund r on r.bucket = p.bucket and r.id = p.source_id
     cross join lateral unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)
     where p.booked_on = p_day and p.kind = 'refund_given' and p.bucket between p_from and p_to
       and e.account = 2001 and e.owner = r.merchant_id
     group by r.bucket, r.purchase_id
    having sum(e.amount) > 0
  ), places as (
    select h.bucket, h.loan_id, h.left_minor, f.amount,
           sum(h.left_minor) over (partition by h.bucket, h.purchase_id order by h.held_on, h.loan_id) - h.left_minor
             as before_it
      from refunded f join prepaid_hold h on h.bucket = f.bucket and h.purchase_id = f.purchase_id and h.left_minor > 0
  ), taken as (
    update prepaid_hold h set left_minor = h.left_minor - d.amount
      from (select l.bucket, l.loan_id, least(l.left_minor, greatest(l.amount - l.before_it, 0))::bigint as amount
              from places l) d
     where h.bucket = d.bucket and h.loan_id = d.loan_id and d.amount > 0
    returning h.bucket, h.merchant_id, h.currency, d.amount
  )
  select payments_prepaid_post('prepaid_drawn', array_agg(t.bucket), array_agg(t.merchant_id),
                               array_agg(t.currency::text), array_agg(-t.amount), p_day, p_recorded_at)
    into v_drawn from taken t;

  -- Steps whose days are over; not while the merchant may not sell or the customer disputes the purchase. Of a merchant that
  -- failed, whether its contract has ended since or not, only what was given before, until its customer has been refunded.
  with due as (
    select h.bucket, h.loan_id,
           least((g.through - h.next_on) / h.step_days + 1, h.steps - h.steps_done) as count,
           h.steps - h.steps_done as left_steps
      from prepaid_hold h join merchant m on m.id = h.merchant_id
      left join merchant_failure f on f.merchant_id = h.merchant_id
     cross join lateral (
       select case when f.failed_on is null or exists (
                select from refund r where r.bucket = h.bucket and r.purchase_id = h.purchase_id
                                       and r.effective_on >= f.failed_on)
              then p_day else least(p_day, f.failed_on) end as through) g
     where h.bucket between p_from and p_to and h.left_minor > 0 and h.next_on <= g.through and m.status <> 'suspended'
       and not exists (select from dispute d
                        where d.bucket = h.bucket and d.purchase_id = h.purchase_id and d.closed_at is null)
  ), released as (
    update prepaid_hold h
       set left_minor = h.left_minor - trunc(h.left_minor::numeric * d.count / d.left_steps)::bigint,
           steps_done = h.steps_done + d.count, next_on = h.next_on + d.count * h.step_days
      from due d where h.bucket = d.bucket and h.loan_id = d.loan_id
    returning h.bucket, h.loan_id, h.merchant_id, h.currency, h.left_minor, d.count, d.left_steps
  ), before_it as (
    select h.bucket, h.loan_id, h.left_minor from prepaid_hold h join due d on d.bucket = h.bucket and d.loan_id = h.loan_id
  )
  select payments_prepaid_post('prepaid_released', array_agg(r.bucket), array_agg(r.merchant_id),
                               array_agg(r.currency::text), array_agg(r.left_minor - b.left_minor), p_day, p_recorded_at)
    into v_released
    from released r join before_it b on b.bucket = r.bucket and b.loan_id = r.loan_id
   where r.left_minor <> b.left_minor;
  return coalesce(v_held, 0) + coalesce(v_drawn, 0) + coalesce(v_released, 0);
end $$;

-- Book what was kept, or with negative amounts drawn or released, of merchants' money.
--   Dr  merchant payable         kept (the other way round when drawn or released)
--   Cr  merchant money prepaid   the same
create or replace function payments_prepaid_post(
  p_kind text, p_bucket smallint[], p_merchant uuid[], p_currency text[], p_amount bigint[], p_day date,
  p_recorded_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  if p_bucket is null then
    return 0;
  end if;
  with moved as (
    select u.bucket, u.merchant, u.currency, sum(u.amount)::bigint as amount
      from unnest(p_bucket, p_merchant, p_currency, p_amount) as u (bucket, merchant, currency, amount)
     group by u.bucket, u.merchant, u.currency
  ), entries as (
    select m.bucket, 2001 as account, m.merchant, m.currency, m.amount from moved m
    union all
    select m.bucket, 2018, m.merchant, m.currency, -m.amount from moved m
  )
  select array_agg(e.bucket), array_agg(e.account), array_agg(e.merchant), array_agg(e.currency), array_agg(e.amount)
    into v_bucket, v_account, v_owner, v_currency, v_amount from entries e;
  perform ledger_post_by_bucket(p_kind, 'close', v_bucket, v_account, v_owner, v_currency, v_amount, p_day, p_day,
                                p_recorded_at, true);
  return cardinality(p_bucket);
end $$;
