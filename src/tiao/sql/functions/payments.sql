-- Settle a closed day: what each merchant is owed for the sales, refunds and returned payouts booked on it, and what an
-- earlier day left negative. A positive net becomes a payout for its payment day and leaves the payable; a negative
-- one is carried to the merchant's next settlement.
--   Dr  merchant payable       net
--   Cr  payouts in transit     net
create or replace function payments_settle(
  p_day date, p_pays_on date, p_channel text, p_recorded_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  with touched as (
    select p.bucket, p.id, p.kind from ledger_posting p
     where p.booked_on = p_day
       and p.kind in ('purchase_captured', 'refund_given', 'payout_returned')
  ), posted as (
    select t.kind, e.currency,
           (array_agg(e.owner_id) filter (where e.account = 2001))[1] as merchant_id,
           coalesce(sum(e.amount_minor) filter (where e.account = 2001 and e.amount_minor > 0), 0) as debited,
           coalesce(-sum(e.amount_minor) filter (where e.account = 2001 and e.amount_minor < 0), 0) as credited,
           coalesce(-sum(e.amount_minor) filter (where e.account = 4001), 0) as discount,
           coalesce(-sum(e.amount_minor) filter (where e.account = 2002), 0) as subsidy
      from touched t
      join ledger_entry e on e.bucket = t.bucket and e.posting_id = t.id and e.booked_on = p_day
     group by t.bucket, t.id, t.kind, e.currency
  ), by_merchant as (
    select p.merchant_id, p.currency,
           coalesce(sum(p.credited + p.discount + p.subsidy) filter (where p.kind = 'purchase_captured'), 0)::bigint
             as gross,
           coalesce(sum(p.discount) filter (where p.kind = 'purchase_captured'), 0)::bigint as discount,
           (coalesce(sum(p.subsidy) filter (where p.kind = 'purchase_captured'), 0)
             - coalesce(sum(p.credited) filter (where p.kind = 'refund_given'), 0))::bigint as subsidy,
           coalesce(sum(p.debited) filter (where p.kind = 'refund_given'), 0)::bigint as refunded,
           coalesce(sum(p.credited) filter (where p.kind = 'payout_returned'), 0)::bigint as returned
      from posted p where p.merchant_id is not null
     group by p.merchant_id, p.currency
  ), earlier as (
    select distinct on (s.merchant_id) s.merchant_id, least(s.net_minor, 0) as carried
      from settlement s where s.merchant_id in (select m.merchant_id from by_merchant m) and s.business_date < p_day
     order by s.merchant_id, s.business_date desc
  ), settled as (
    insert into settlement (merchant_id, business_date, id, currency, gross_minor, discount_minor, subsidy_minor,
                            refunded_minor, carried_minor, net_minor, pays_on, payout_id)
    select m.merchant_id, p_day, md5(format('settlement/%s/%s', m.merchant_id, p_day))::uuid, m.currency,
           m.gross, m.discount, m.subsidy, m.refunded, m.returned + coalesce(r.carried, 0),
           m.gross - m.discount - m.subsidy - m.refunded + m.returned + coalesce(r.carried, 0),
           p_pays_on,
           case when m.gross - m.discount - m.subsidy - m.refunded + m.returned + coalesce(r.carried, 0) > 0
                then md5(format('payout/%s/%s', m.merchant_id, p_day))::uuid end
      from by_merchant m left join earlier r on r.merchant_id = m.merchant_id
    returning *
  ), paid as (
    insert into payout (bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state,
                        due_on, created_at)
    select 0, s.payout_id, 'settlement', s.merchant_id, s.id, p_channel, m.payout_account, s.currency, s.net_minor,
           'created', s.pays_on, p_recorded_at
      from settled s join merchant m on m.id = s.merchant_id where s.payout_id is not null
    returning beneficiary_id, currency, amount_minor
  ), entries as (
    select 2001 as account, p.beneficiary_id as owner, p.currency::text as currency, p.amount_minor as amount from paid p
    union all
    select 2005, '00000000-0000-0000-0000-000000000000', p.currency::text, -sum(p.amount_minor)::bigint
      from paid p group by p.currency
  )
  select (select count(*) from settled), array_agg(0::smallint), array_agg(e.account), array_agg(e.owner),
         array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('settlement_paid', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_day, p_day, p_recorded_at, true);
  return v_count;
end $$;
