-- Let authorisations go whose time has run out: what is still held returns to the line.
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
       where p.bucket between p_from and p_to and p.outcome = 'authorised' and p.closed_as is null
         and p.expires_at <= p_at)
    order by l.bucket, l.id for update;
  with gone as (
    update purchase p
       set released_minor = p.amount_minor - p.captured_minor, closed_as = 'expired'
     where p.bucket between p_from and p_to and p.outcome = 'authorised' and p.closed_as is null
       and p.expires_at <= p_at
    returning p.bucket, p.line_id, p.captured_minor - p.amount_minor as delta
  )
  select array_agg(g.bucket), array_agg(g.line_id), array_agg(g.delta) into v_bucket, v_line, v_amount from gone g;
  if v_bucket is not null then
    perform ledger_hold(v_bucket, v_line, v_amount);
  end if;
  return coalesce(cardinality(v_bucket), 0);
end $$;
