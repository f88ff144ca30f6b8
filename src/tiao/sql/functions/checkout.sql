-- What a set of orders is decided by, in their order: the line, the merchant, the oldest debt, and the purchase that the
-- order's key stands for already. One look for the whole set, although four packages own what it sees.
create or replace function checkout_facts(
  p_bucket smallint[], p_line uuid[], p_merchant uuid[], p_key uuid[]
) returns table (
  has_line boolean, currency text, limit_minor bigint, held_minor bigint, used_minor bigint, statement_day smallint,
  line_status text, oldest_due_on date, merchant_status text, discount_rate text, sublimits smallint, scene text,
  known text, test_time timestamptz
) language sql stable rows 64 as $$
  select l.id is not null, l.currency::text, l.limit_minor, l.held_minor, l.used_minor, l.statement_day, l.status,
         (select i.due_on from loan_instalment i
           where i.bucket = u.bucket and i.line_id = u.line and i.settled_on is null
           order by i.due_on limit 1),
         m.status, m.discount_rate::text, coalesce(l.sublimits, 0::smallint), coalesce(m.category, ''),
         (select to_json(k)::text from purchase k where k.idempotency_id = u.key),
         (select now_at from programme)
    from unnest(p_bucket, p_line, p_merchant, p_key) with ordinality as u (bucket, line, merchant, key, ord)
    left join credit_line l on l.bucket = u.bucket and l.id = u.line
    left join merchant m on m.id = u.merchant
   order by u.ord
$$;

-- Write what was decided about a set of orders: purchases, and for those captured at once, which come first, their loans.
--
-- Nothing is locked before it is written. The lines may have changed since the facts were read; whatever changed them is
-- as if it came after these purchases, and the limit of the line is guarded by its constraint.
-- Arrays named p_ describe purchases, h_ what the lines of the others hold; the rest is as lending_book takes it, a loan
-- having the id of its purchase.
create or replace function checkout_authorise(
  p_bucket smallint[], p_id uuid[], p_key uuid[], p_line uuid[], p_customer uuid[], p_merchant uuid[], p_quote uuid[],
  p_plan text[], p_fee_payer text[], p_reference text[], p_currency text[], p_amount bigint[], p_reasons text[],
  p_is_capture_asked boolean[], p_outcome text[], p_lease_seconds integer[], l_mode text[], l_fee bigint[], l_subsidy bigint[], l_discount bigint[],
  l_penalty_ppm integer[], l_version integer[], l_cost_kind text[], i_loan integer[], i_number smallint[],
  i_statement_on date[], i_due_on date[], i_principal bigint[], i_fee bigint[], i_subsidy bigint[],
  i_interest_from_on date[], i_interest_on bigint[], l_first integer[], e_account integer[], e_owner uuid[],
  e_amount bigint[], p_today date, p_at timestamptz
) returns void language plpgsql
-- Sets are of every size, and a plan for one does for all: to plan anew costs more than to write a small set.
set plan_cache_mode = force_generic_plan as $$
declare
  v_captured integer := cardinality(l_mode);
  h_bucket smallint[];
  h_line uuid[];
  h_amount bigint[];
begin
  insert into purchase (bucket, id, idempotency_id, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer,
                        reference, currency, amount_minor, is_capture_asked, captured_minor, outcome, decline_reasons,
                        closed_as, authorised_at, expires_at)
  select p.bucket, p.id, p.key, p.line, p.customer, p.merchant, p.quote, p.plan, p.fee_payer, p.reference, p.currency,
         p.amount, p.is_capture_asked, case when p.ord <= v_captured then p.amount else 0 end, p.outcome,
         string_to_array(p.reasons, ','), case when p.ord <= v_captured then 'captured' end, p_at,
         p_at + p.lease_seconds * interval '1 second'
    from unnest(p_bucket, p_id, p_key, p_line, p_customer, p_merchant, p_quote, p_plan, p_fee_payer, p_reference,
                p_currency, p_amount, p_is_capture_asked, p_reasons, p_outcome, p_lease_seconds) with ordinality
      as p (bucket, id, key, line, customer, merchant, quote, plan, fee_payer, reference, currency, amount,
            is_capture_asked, reasons, outcome, lease_seconds, ord);

  if v_captured < cardinality(p_id) then
    select array_agg(p.bucket), array_agg(p.line), array_agg(p.amount) into h_bucket, h_line, h_amount
      from unnest(p_bucket, p_line, p_amount, p_outcome) with ordinality as p (bucket, line, amount, outcome, ord)
     where p.ord > v_captured and p.outcome <> 'declined';
    if h_line is not null then
      -- Those that hold and those that capture in one go: two goes in id order are not in id order.
      perform from unnest(p_bucket, p_line) as p (bucket, line)
        join credit_line l on l.bucket = p.bucket and l.id = p.line order by l.bucket, l.id for update of l;
      perform ledger_hold(h_bucket, h_line, h_amount);
    end if;
  end if;
  if v_captured > 0 then
    perform lending_book(
      p_bucket[:v_captured], p_id[:v_captured], p_id[:v_captured], p_line[:v_captured], p_customer[:v_captured],
      p_merchant[:v_captured], p_currency[:v_captured], p_plan[:v_captured], l_mode, p_amount[:v_captured], l_fee,
      l_subsidy, l_discount, l_penalty_ppm, l_version, l_cost_kind, array_fill(0::bigint, array[v_captured]), i_loan,
      i_number, i_statement_on, i_due_on, i_principal, i_fee, i_subsidy, i_interest_from_on, i_interest_on, l_first, e_account, e_owner, e_amount, p_today, p_at);
  end if;
end $$;

-- Let purchases go whose time has run out, suspended ones included: what is still held returns to the line.
create or replace function checkout_expire(p_from smallint, p_to smallint, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_bucket smallint[];
  v_line uuid[];
  v_amount bigint[];
begin
  -- Lines first, in id order, as everyone does who holds or captures.
  perform from credit_line l
    where (l.bucket, l.id) in (
      select p.bucket, p.line_id from purchase p
       where p.bucket between p_from and p_to and p.outcome <> 'declined' and p.closed_as is null
         and p.expires_at <= p_at)
    order by l.bucket, l.id for update;
  with gone as (
    update purchase p
       set released_minor = p.amount_minor - p.captured_minor, closed_as = 'expired'
     where p.bucket between p_from and p_to and p.outcome <> 'declined' and p.closed_as is null
       and p.expires_at <= p_at
    returning p.bucket, p.line_id, p.captured_minor - p.amount_minor as delta
  )
  select array_agg(g.bucket), array_agg(g.line_id), array_agg(g.delta) into v_bucket, v_line, v_amount from gone g;
  if v_bucket is not null then
    perform ledger_hold(v_bucket, v_line, v_amount);
  end if;
  return coalesce(cardinality(v_bucket), 0);
end $$;
