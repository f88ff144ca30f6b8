-- When something happens that no row says the instant of: the programme's time.
create or replace function events_now() returns timestamptz language sql stable as $$
  select coalesce((select p.now_at from programme p), clock_timestamp())
$$;

-- New purchases; one captured at once is told of once, as captured.
create or replace function events_of_new_purchases() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select f.bucket, f.merchant_id,
         case when f.outcome = 'declined' then 'purchase.declined'
              when f.outcome in ('step_up', 'in_review') then 'purchase.in_review'
              when f.captured_minor > 0 then 'purchase.captured' else 'purchase.authorised' end,
         f.id, f.id, f.authorised_at
    from fresh f;
  return null;
end $$;
create or replace trigger purchase_made after insert on purchase
  referencing new table as fresh for each statement execute function events_of_new_purchases();

-- What became of holds, and of purchases that waited. A refund tells of itself.
create or replace function events_of_changed_purchases() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select n.bucket, n.merchant_id, k.kind, n.id, n.id, events_now()
    from after_it n join before_it o on o.bucket = n.bucket and o.id = n.id
   cross join lateral (
     select 0 as ord, 'purchase.' || n.outcome as kind
      where o.outcome in ('step_up', 'in_review') and n.outcome in ('authorised', 'declined')
     union all
     select 1, 'purchase.captured' where n.captured_minor > o.captured_minor
     union all
     select 2, 'purchase.' || n.closed_as where o.closed_as is null and n.closed_as in ('voided', 'expired')) k
   order by n.bucket, n.id, k.ord;
  return null;
end $$;
create or replace trigger purchase_changed after update on purchase
  referencing old table as before_it new table as after_it
  for each statement execute function events_of_changed_purchases();

create or replace function events_of_refunds() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select f.bucket, f.merchant_id, 'refund.created', f.id, f.purchase_id, f.recorded_at from fresh f;
  return null;
end $$;
create or replace trigger refund_made after insert on refund
  referencing new table as fresh for each statement execute function events_of_refunds();

create or replace function events_of_settlements() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select 0, f.merchant_id, 'settlement.created', f.id, f.id, events_now() from fresh f order by f.merchant_id;
  return null;
end $$;
create or replace trigger settlement_made after insert on settlement
  referencing new table as fresh for each statement execute function events_of_settlements();

-- What the bank said about the payment of settlements and withdrawals.
create or replace function events_of_payouts() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select n.bucket, n.beneficiary_id,
         case when s.id is null then 'withdrawal.' else 'settlement.' end
           || case n.state when 'succeeded' then 'paid' else 'returned' end,
         n.source_id, n.source_id, n.answered_at
    from after_it n join before_it o on o.bucket = n.bucket and o.id = n.id
    left join settlement s on s.id = n.source_id
   where n.kind = 'settlement' and n.state in ('succeeded', 'failed') and o.state <> n.state
   order by n.id;
  return null;
end $$;
create or replace trigger payout_changed after update on payout
  referencing old table as before_it new table as after_it
  for each statement execute function events_of_payouts();

-- Whether a merchant may sell, or ends; told at home, for the other servers follow it.
create or replace function events_of_merchants() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select 0, n.id, case n.status when 'suspended' then 'merchant.suspended' when 'terminated' then 'merchant.terminated'
                        else 'merchant.reinstated' end,
         n.id, n.id, events_now()
    from after_it n join before_it o on o.id = n.id
   where o.status <> n.status and not exists (select from placement p where p.shard <> 0);
  return null;
end $$;
create or replace trigger merchant_status_changed after update on merchant
  referencing old table as before_it new table as after_it
  for each statement execute function events_of_merchants();

-- Give new events their places, in the order in which they were written. One at a time, until the commit.
create or replace function events_place(p_limit integer) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  if not exists (select from merchant_event e where e.place is null) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(7103);
  update merchant_event e set place = n.place
    from (select s.bucket, s.number, nextval('merchant_event_place') as place
            from (select f.bucket, f.number from merchant_event f where f.place is null
                   order by f.number limit p_limit) s) n
   where e.bucket = n.bucket and e.number = n.number;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- The latest place given; whoever gives one at the moment is waited for.
create or replace function events_last_place() returns bigint language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(7103);
  return (select case when s.is_called then s.last_value else 0 end from merchant_event_place s);
end $$;

-- Disputes, by what became of them.
create or replace function events_of_disputes() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select f.bucket, f.merchant_id, 'dispute.opened', f.id, f.purchase_id, f.opened_at from fresh f;
  return null;
end $$;
create or replace trigger dispute_made after insert on dispute
  referencing new table as fresh for each statement execute function events_of_disputes();

create or replace function events_of_changed_disputes() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select n.bucket, n.merchant_id,
         case n.state when 'answered' then 'dispute.answered' when 'withdrawn' then 'dispute.withdrawn'
                      else 'dispute.decided' end,
         n.id, n.purchase_id, coalesce(n.closed_at, events_now())
    from after_it n join before_it o on o.bucket = n.bucket and o.id = n.id
   where n.state <> o.state order by n.bucket, n.id;
  return null;
end $$;
create or replace trigger dispute_changed after update on dispute
  referencing old table as before_it new table as after_it
  for each statement execute function events_of_changed_disputes();

-- A contract's new words, to every merchant of its scene: ahead of the day they count from.
create or replace function events_of_contracts() returns trigger language plpgsql as $$
begin
  insert into merchant_event (bucket, merchant_id, kind, subject_id, key_id, happened_at)
  select 0, m.id, 'contract.announced', m.id, m.id, n.announced_at
    from after_it n
    join before_it o on o.scene = n.scene and o.version = n.version
    join merchant m on m.category = n.scene and m.status <> 'terminated'
   where o.announced_at is null and n.announced_at is not null
   order by m.id;
  return null;
end $$;
create or replace trigger contract_announced after update on contract_text
  referencing old table as before_it new table as after_it
  for each statement execute function events_of_contracts();
