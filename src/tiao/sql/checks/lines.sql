-- Credit lines: limits, what is used and held, what was decided about them. Each query must return no row; what it returns is what is wrong.

-- name: no_line_over_its_limit
-- Used and held never exceed the limit.
select bucket, id, limit_minor, held_minor, used_minor from credit_line where used_minor + held_minor > limit_minor;

-- name: line_use_equals_ledger
-- What a line says is used is what the ledger booked on its principal accounts.
select l.bucket, l.id, l.used_minor, coalesce(b.booked, 0) as booked_minor
  from credit_line l
  left join (
    select p.bucket, p.line_id, sum(e.amount_minor) as booked
      from ledger_entry e
      join ledger_account a on a.code = e.account and a.is_line_use
      join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
     group by p.bucket, p.line_id) b on b.bucket = l.bucket and b.line_id = l.id
 where l.used_minor <> coalesce(b.booked, 0);

-- name: line_hold_equals_open_authorisations
-- What a line holds is what its open authorisations and suspended purchases still hold.
select l.bucket, l.id, l.held_minor, coalesce(p.held, 0) as authorised_minor
  from credit_line l
  left join (
    select bucket, line_id, sum(amount_minor - captured_minor - released_minor) as held
      from purchase where outcome <> 'declined' group by bucket, line_id) p on p.bucket = l.bucket and p.line_id = l.id
 where l.held_minor <> coalesce(p.held, 0);

-- name: customers_never_owe_us_by_their_balances
-- What we owe a line as a credit balance, or a customer as a refund to pay out, is never less than nothing.
select bucket, account, owner_id, sum(amount_minor) as balance_minor from ledger_entry
 where account in (2003, 2004) group by bucket, account, owner_id having sum(amount_minor) > 0;

-- name: credit_balances_equal_what_was_recorded
-- A line's credit balance is what repayments left over, what refunds could not take off or found no source for, less
-- what was put against debt or went back to the customer.
with recorded as (
  select bucket, line_id, overpaid_minor - case when kind = 'credit_balance' then amount_minor else 0 end as amount
    from repayment where reversed_on is null
  union all
  select bucket, line_id, shortfall_minor from refund
  union all
  select bucket, line_id, -amount_minor from credit_payout
  union all
  select e.bucket, e.owner_id, -e.amount_minor
    from ledger_posting p
    join ledger_entry e on e.bucket = p.bucket and e.posting_id = p.id and e.account = 2003
   where p.kind = 'refund_kept_as_credit'
), r as (
  select bucket, line_id, sum(amount) as amount from recorded group by bucket, line_id
), b as (
  select bucket, owner_id, -sum(amount_minor) as amount from ledger_entry where account = 2003 group by bucket, owner_id
)
select coalesce(r.bucket, b.bucket) as bucket, coalesce(r.line_id, b.owner_id) as line_id,
       r.amount as recorded_minor, b.amount as booked_minor
  from r full join b on b.bucket = r.bucket and b.owner_id = r.line_id
 where coalesce(r.amount, 0) <> coalesce(b.amount, 0);

-- name: limits_are_what_was_granted
-- A limit is what was granted, or what is in use where that is more; a line knows how many sublimits are in force.
select l.bucket, l.id, l.limit_minor, l.limit_target_minor, l.held_minor, l.used_minor, l.sublimits
  from credit_line l
  left join (select bucket, line_id, count(*) as in_force from credit_sublimit where ended_at is null
              group by bucket, line_id) s on s.bucket = l.bucket and s.line_id = l.id
 where l.limit_minor <> greatest(l.limit_target_minor, l.held_minor + l.used_minor)
    or l.sublimits <> coalesce(s.in_force, 0);

-- name: shadows_are_of_decisions
-- What a model in shadow would have decided is about a decision that another model made.
select s.bucket, s.decision_id, s.model_version
  from credit_shadow s left join credit_decision d on d.bucket = s.bucket and d.id = s.decision_id
 where d.id is null or d.kind <> 'application' or d.model_version = s.model_version;

-- name: behaviour_acts_as_it_was_scored
-- A behavioural score that acts on a line is the one that was kept for its day, and a line warns early exactly where that
-- warning is on.
select w.bucket, w.line_id, w.behaviour_on, w.behaviour, w.warned_on from credit_watch w
  left join credit_behaviour b on b.bucket = w.bucket and b.line_id = w.line_id and b.scored_on = w.behaviour_on
 where (w.behaviour is not null
        and (b.line_id is null or not b.is_acting or b.probability <> w.behaviour
             or b.model_version <> w.behaviour_version))
    or (w.warned_on is not null) <> ('WARNING_BEHAVIOUR' = any (w.flags));

-- name: behaviour_is_kept_as_it_was_seen
-- What a behavioural score saw is as it was when it was scored, and its model is kept.
select b.bucket, b.line_id, b.scored_on, b.model_version from credit_behaviour b
  left join credit_model m on m.version = b.model_version
 where sha256(b.inputs) <> b.inputs_digest or m.version is null;

-- name: bureaus_are_asked_with_consent
-- A consent to ask a bureau is the applicant's own, and no younger than the application.
select a.bucket, a.id, a.customer_id, c.customer_id as consented from credit_application a
  join bureau_consent c on c.bucket = a.bucket and c.application_id = a.id
 where c.customer_id <> a.customer_id or c.given_at > a.received_at;
