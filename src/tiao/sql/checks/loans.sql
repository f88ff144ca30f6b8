-- Loans and their instalments against the ledger, what they cost, and losses. Each query must return no row; what it returns is what is wrong.

-- name: loan_equals_ledger
-- Every loan's open principal, billed fee or interest, penalty and unearned subsidy equal its ledger accounts.
with owed as (
  select bucket, loan_id,
         sum(principal_minor - principal_paid_minor - principal_refunded_minor - principal_written_off_minor)::bigint
           as principal,
         sum(fee_minor - fee_paid_minor - fee_cancelled_minor - fee_written_off_minor)
           filter (where is_billed)::bigint as fee,
         sum(penalty_minor - penalty_paid_minor - penalty_waived_minor)::bigint as penalty,
         sum(subsidy_minor - subsidy_cancelled_minor) filter (where not is_billed)::bigint as unearned
    from loan_instalment group by bucket, loan_id
), booked as (
  select e.bucket, e.owner_id,
         sum(e.amount_minor) filter (where e.account = 1011) as principal,
         sum(e.amount_minor) filter (where e.account in (1012, 1014)) as fee,
         sum(e.amount_minor) filter (where e.account = 1013) as penalty,
         -sum(e.amount_minor) filter (where e.account = 2002) as unearned
    from ledger_entry e where e.account in (1011, 1012, 1013, 1014, 2002) group by e.bucket, e.owner_id
)
select coalesce(o.bucket, b.bucket) as bucket, coalesce(o.loan_id, b.owner_id) as loan_id,
       o.principal, b.principal as booked_principal, o.fee, b.fee as booked_fee,
       o.penalty, b.penalty as booked_penalty, o.unearned, b.unearned as booked_unearned
  from owed o full join booked b on b.bucket = o.bucket and b.owner_id = o.loan_id
 where coalesce(o.principal, 0) <> coalesce(b.principal, 0)
    or coalesce(o.fee, 0) <> coalesce(b.fee, 0)
    or coalesce(o.penalty, 0) <> coalesce(b.penalty, 0)
    or coalesce(o.unearned, 0) <> coalesce(b.unearned, 0);

-- name: fees_and_interest_stay_apart
-- A loan that bears interest has no fee in its books and no instalment that costs one; any other has no interest.
select n.bucket, n.id from loan n
  join ledger_entry e on e.bucket = n.bucket and e.owner_id = n.id
 where e.account in (1012, 1014) and (e.account = 1012) = (n.cost_kind = 'interest')
union all
select n.bucket, n.id from loan n
  join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
 where case n.cost_kind when 'interest' then i.fee_minor > 0 and i.interest_from_on is null and i.carry_ppm = 0
                     else i.interest_from_on is not null end;

-- name: agreed_interest_runs_on_what_was_owed
-- Interest was agreed on the principal of its instalment and the later ones, from the due day before to its own.
select i.bucket, i.loan_id, i.number from loan_instalment i
 where i.interest_from_on is not null
   and (i.interest_on_minor <> (select sum(l.principal_minor) from loan_instalment l
                                 where l.bucket = i.bucket and l.loan_id = i.loan_id and l.number >= i.number)
     or i.interest_from_on >= i.statement_on or i.fee_minor <> i.agreed_fee_minor);

-- name: carried_balances_are_what_they_replaced
-- A balance that was carried on is what its repayment paid off, all of it principal, and it stands once in the agreement.
select n.bucket, n.id, n.principal_minor, r.amount_minor, coalesce(p.principal, 0) as replaced_minor from loan n
  left join repayment r on r.bucket = n.bucket and r.id = n.purchase_id
  left join (
    select bucket, repayment_id, sum(principal_minor) as principal, sum(fee_minor + penalty_minor) as other
      from repayment_part group by bucket, repayment_id) p on p.bucket = r.bucket and p.repayment_id = r.id
  left join carry_agreement a on a.bucket = n.bucket and a.id = n.purchase_id and a.loan_id = n.id and a.is_carried
 where n.kind = 'revolving'
   and (n.principal_minor is distinct from r.amount_minor or n.principal_minor <> coalesce(p.principal, 0)
        or coalesce(p.other, 0) <> 0 or a.id is null);

-- name: what_was_moved_is_what_left
-- A loan that was arranged anew left what its new rows owe: principal, and fees that fell away there; no money moved.
select n.bucket, n.id, n.principal_minor, coalesce(p.principal, 0) as left_minor, n.fee_minor, coalesce(p.fee, 0) as fee_left_minor
  from loan n
  left join repayment r on r.bucket = n.bucket and r.id = n.purchase_id
  left join (
    select bucket, repayment_id, sum(principal_minor) as principal, sum(fee_cancelled_minor) as fee,
           sum(fee_minor + penalty_minor) as other
      from repayment_part group by bucket, repayment_id) p on p.bucket = r.bucket and p.repayment_id = r.id
  left join (
    select bucket, loan_id, sum(amount_minor) as charged from loan_adjustment a
     where a.kind = 'charge' and a.component = 'fee'
       and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id)
     group by bucket, loan_id) c on c.bucket = n.bucket and c.loan_id = n.id
  left join loan_adjustment d on d.bucket = n.bucket and d.id = n.purchase_id
 where n.kind = 'rescheduled'
   and (n.principal_minor is distinct from r.amount_minor or n.principal_minor <> coalesce(p.principal, 0)
        or n.fee_minor <> coalesce(p.fee, 0) + coalesce(c.charged, 0) or coalesce(p.other, 0) <> 0 or d.id is null);

-- name: the_minimum_was_paid_where_something_is_carried
-- What is carried on is no more than the share that may be, of the single payments that its statement asked for.
select n.bucket, n.id, n.principal_minor, s.lent_minor, a.ratio_ppm from loan n
  join carry_agreement a on a.bucket = n.bucket and a.id = n.purchase_id
  join (
    select p.bucket, p.repayment_id, min(i.due_on) as first_due_on, max(i.due_on) as last_due_on
      from repayment_part p
      join loan_instalment i on i.bucket = p.bucket and i.loan_id = p.loan_id and i.number = p.number
     group by p.bucket, p.repayment_id) d on d.bucket = n.bucket and d.repayment_id = n.purchase_id
  cross join lateral (
    select sum(i.principal_minor) as lent_minor
      from loan_instalment i
     where i.bucket = a.bucket and i.line_id = a.line_id and i.statement_on = a.statement_on) s
 where n.kind = 'revolving'
   and (d.first_due_on <> a.due_on or d.last_due_on <> a.due_on
        or n.principal_minor::numeric * 1000000 > s.lent_minor * (1000000 - a.ratio_ppm));

-- name: daily_interest_is_whole_units_of_what_built_up
-- The interest of a balance carried on is the whole part of its millionths, on no day at or after its statement, and no
-- more than its rate on all of it since the statement it comes from.
select i.bucket, i.loan_id, i.fee_minor, i.carry_micros, i.carry_through from loan_instalment i
  join carry_agreement a on a.bucket = i.bucket and a.loan_id = i.loan_id
 where i.fee_minor <> i.carry_micros / 1000000 or i.carry_through >= i.statement_on or i.carry_ppm <> a.carry_ppm
    or i.carry_micros > i.principal_minor * i.carry_ppm * (i.carry_through - a.statement_on + 1)
union all
select i.bucket, i.loan_id, i.fee_minor, i.carry_micros, i.carry_through from loan_instalment i
 where (i.carry_through is null and (i.carry_ppm <> 0 or i.carry_micros <> 0))
    or (i.carry_ppm > 0 and not exists (
      select from carry_agreement a where a.bucket = i.bucket and a.loan_id = i.loan_id));

-- name: instalments_add_up_to_their_loan
-- A loan's principal, fee and subsidy are those of its instalments.
select n.bucket, n.id from loan n
  left join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
 group by n.bucket, n.id, n.principal_minor, n.fee_minor, n.subsidy_minor
having n.principal_minor <> coalesce(sum(i.principal_minor), 0) or n.fee_minor <> coalesce(sum(i.fee_minor), 0)
    or n.subsidy_minor <> coalesce(sum(i.subsidy_minor), 0);

-- name: settled_means_nothing_open
-- An instalment is settled exactly when it owes nothing; a loan, when its instalments are.
select i.bucket, i.loan_id, i.number, i.settled_on from loan_instalment i
 where (i.settled_on is null) = (
   i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
   + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
   + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor = 0)
union all
select n.bucket, n.id, null, n.settled_on from loan n
 where (n.status = 'active') <> exists (
   select from loan_instalment i where i.bucket = n.bucket and i.loan_id = n.id and i.settled_on is null);

-- name: instalments_equal_what_was_recorded
-- What an instalment says is paid and refunded is what repayments and refunds recorded on it.
with paid as (
  select bucket, loan_id, number, sum(principal_minor) as principal, sum(fee_minor) as fee, sum(penalty_minor) as penalty,
         sum(fee_cancelled_minor) as fee_fallen
    from repayment_part group by bucket, loan_id, number
), refunded as (
  select bucket, loan_id, number, sum(principal_minor) as principal, sum(fee_minor) as fee, sum(subsidy_minor) as subsidy
    from refund_part group by bucket, loan_id, number
), waived as (
  select bucket, loan_id, number, sum(fee_minor) as fee from waiver_part group by bucket, loan_id, number
)
select i.bucket, i.loan_id, i.number from loan_instalment i
  left join paid p on p.bucket = i.bucket and p.loan_id = i.loan_id and p.number = i.number
  left join refunded r on r.bucket = i.bucket and r.loan_id = i.loan_id and r.number = i.number
  left join waived w on w.bucket = i.bucket and w.loan_id = i.loan_id and w.number = i.number
 where i.principal_paid_minor <> coalesce(p.principal, 0) or i.fee_paid_minor <> coalesce(p.fee, 0)
    or i.penalty_paid_minor <> coalesce(p.penalty, 0) or i.principal_refunded_minor <> coalesce(r.principal, 0)
    or i.fee_cancelled_minor <> coalesce(r.fee, 0) + coalesce(w.fee, 0) + coalesce(p.fee_fallen, 0)
    or i.subsidy_cancelled_minor <> coalesce(r.subsidy, 0);

-- name: fees_are_those_the_customer_accepted
-- A purchase captured as a whole bears the fee of the offer that was accepted; one captured in parts never bears more.
-- Interest follows the days: it is that of the offer where the purchase was captured whole, to be paid on the same days.
with agreed as (
  select n.bucket, n.purchase_id, n.cost_kind, count(distinct n.id) as loans, sum(i.agreed_fee_minor) as fee,
         max(i.agreed_due_on) as last_due_on
    from loan n join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
   where n.kind = 'purchase' group by n.bucket, n.purchase_id, n.cost_kind
), offered as (
  select p.bucket, p.id, p.captured_minor = p.amount_minor as is_whole,
         coalesce((o.offer ->> 'fee_minor')::bigint, 0) as fee,
         coalesce((o.offer ->> 'interest_minor')::bigint, 0) as interest,
         (o.offer -> 'instalments' -> -1 ->> 'due_on')::date as last_due_on
    from purchase p
    join quote q on q.bucket = p.bucket and q.id = p.quote_id
    cross join lateral jsonb_array_elements(convert_from(q.plans, 'utf8')::jsonb) as o (offer)
   where o.offer ->> 'plan' = p.plan_code
)
select o.bucket, o.id, a.cost_kind, a.fee, o.fee as offered_fee, o.interest as offered_interest
  from offered o join agreed a on a.bucket = o.bucket and a.purchase_id = o.id
 where case a.cost_kind
         when 'fee' then a.fee > o.fee or (a.loans = 1 and o.is_whole and a.fee <> o.fee)
         else a.loans = 1 and o.is_whole and a.last_due_on = o.last_due_on and a.fee <> o.interest end;

-- name: loans_are_booked_as_they_stand
-- What a captured purchase is in the books is its loan: principal, the merchant's discount and subsidy, whose it is.
select n.bucket, n.id, n.principal_minor, n.discount_minor, n.subsidy_minor, n.merchant_id
  from loan n
  left join ledger_posting p on p.bucket = n.bucket and p.id = n.id and p.kind = 'purchase_captured'
  cross join lateral (
    select coalesce(sum(e.amount) filter (where e.account = 1011 and e.owner = n.id), 0) as principal,
           coalesce(-sum(e.amount) filter (where e.account = 4001), 0) as discount,
           coalesce(-sum(e.amount) filter (where e.account = 2002 and e.owner = n.id), 0) as subsidy,
           coalesce(-sum(e.amount) filter (where e.account = 2001 and e.owner = n.merchant_id), 0) as merchant
      from unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)) b
 where n.kind = 'purchase'
   and (p.line_id is distinct from n.line_id or b.principal <> n.principal_minor or b.discount <> n.discount_minor
        or b.subsidy <> n.subsidy_minor or b.merchant <> n.principal_minor - n.discount_minor - n.subsidy_minor);

-- name: a_loan_belongs_to_one_line_customer_and_merchant
-- A purchase, its loans, their instalments, and what was paid, refunded and carried on name the same line, customer, merchant.
select 'purchase' as relation, p.bucket, p.id from purchase p
  left join credit_line l on l.bucket = p.bucket and l.id = p.line_id where p.customer_id is distinct from l.customer_id
union all
select 'loan', n.bucket, n.id from loan n
  left join credit_line l on l.bucket = n.bucket and l.id = n.line_id
  left join purchase p on p.bucket = n.bucket and p.id = n.purchase_id
 where n.customer_id is distinct from l.customer_id
    or (n.kind = 'purchase' and p.id is not null
        and (n.line_id, n.merchant_id) is distinct from (p.line_id, p.merchant_id))
union all
select 'loan_instalment', i.bucket, i.loan_id from loan_instalment i
  left join loan n on n.bucket = i.bucket and n.id = i.loan_id
 where (i.line_id, i.penalty_ppm) is distinct from (n.line_id, n.penalty_ppm)
union all
select 'refund', r.bucket, r.id from refund r
  left join purchase p on p.bucket = r.bucket and p.id = r.purchase_id
 where (r.line_id, r.customer_id, r.merchant_id) is distinct from (p.line_id, p.customer_id, p.merchant_id)
union all
select o.relation, o.bucket, o.id from (
  select 'bill' as relation, bucket, id, line_id, customer_id from bill
  union all
  select 'repayment', bucket, id, line_id, customer_id from repayment
  union all
  select 'carry_agreement', bucket, id, line_id, customer_id from carry_agreement
  union all
  select 'credit_payout', bucket, id, line_id, customer_id from credit_payout) o
  join credit_line l on l.bucket = o.bucket and l.id = o.line_id where o.customer_id <> l.customer_id
union all
select 'repayment_part', s.bucket, s.repayment_id from repayment_part s
  left join repayment r on r.bucket = s.bucket and r.id = s.repayment_id
  left join loan n on n.bucket = s.bucket and n.id = s.loan_id
 where r.line_id is null or r.line_id is distinct from n.line_id
union all
select 'refund_part', s.bucket, s.refund_id from refund_part s
  left join refund r on r.bucket = s.bucket and r.id = s.refund_id
  left join loan n on n.bucket = s.bucket and n.id = s.loan_id
 where r.purchase_id is null or r.purchase_id is distinct from n.purchase_id;

-- name: loans_fall_due_by_their_mode
-- Of a loan paid by statement every instalment falls due after its statement; of any other on the day of its own, unless it
-- was deferred.
select n.bucket, n.id, i.number, n.mode, i.statement_on, i.due_on from loan_instalment i
  join loan n on n.bucket = i.bucket and n.id = i.loan_id
 where case n.mode when 'statement' then i.due_on <= i.statement_on
                   else i.due_on < i.statement_on
                        or (i.due_on > i.statement_on
                            and not exists (select from loan_adjustment a
                                             where a.bucket = i.bucket and a.line_id = i.line_id and a.kind = 'deferral'))
       end;

-- name: stages_and_losses_have_their_reason
-- A loan's stage is where its last change left it, and a loan is written off exactly where its loss was noted.
select n.bucket, n.id, n.stage, n.status from loan n
  left join loan_write_off w on w.bucket = n.bucket and w.loan_id = n.id
  left join lateral (select c.stage_after from loan_stage_change c where c.bucket = n.bucket and c.loan_id = n.id
                      order by c.changed_on desc limit 1) s on true
 where n.stage <> coalesce(s.stage_after, 0) or (n.status = 'written_off') <> (w.id is not null);

-- name: losses_are_agreed_by_two_people
-- What was agreed to be lost is written off in the names of those two, and operators write nothing off without.
select p.bucket, p.id, p.loan_id from write_off_proposal p
  left join loan_write_off w on w.bucket = p.bucket and w.loan_id = p.loan_id
 where p.state = 'agreed' and (w.proposed_by, w.actor) is distinct from (p.proposed_by, p.decided_by)
union all
select w.bucket, w.id, w.loan_id from loan_write_off w
 where w.actor like 'opr\_%' and not exists (
   select from write_off_proposal p where p.bucket = w.bucket and p.loan_id = w.loan_id and p.state = 'agreed');

-- name: what_two_people_agreed_is_booked
-- What was agreed about a line is a repayment or an adjustment of that line and that amount, in its proposer's name.
select p.bucket, p.id, p.line_id from money_proposal p
  left join repayment r on r.bucket = p.bucket and r.id = p.made_id
  left join loan_adjustment a on a.bucket = p.bucket and a.id = p.made_id
 where p.state = 'agreed'
   and case p.kind when 'receipt' then (r.line_id, r.amount_minor, r.actor)
                                       is distinct from (p.line_id, p.amount_minor, p.proposed_by)
                   when 'waiver' then (a.line_id, a.amount_minor, a.actor)
                                      is distinct from (p.line_id, p.amount_minor, p.proposed_by)
                   else (a.line_id, a.undoes_id, a.actor) is distinct from (p.line_id, p.about_id, p.proposed_by) end;

-- name: losses_equal_what_was_recorded
-- What loans lost is what their instalments say, and no line has made good more than it lost.
select w.bucket, w.id, w.principal_minor, w.penalty_minor from loan_write_off w
  join (select bucket, loan_id, sum(principal_written_off_minor) as principal, sum(fee_written_off_minor) as fee
          from loan_instalment group by bucket, loan_id) i on i.bucket = w.bucket and i.loan_id = w.loan_id
 where w.principal_minor <> i.principal or w.fee_minor > i.fee
union all
select m.bucket, m.line_id, m.made_good, coalesce(l.lost, 0) from (
  select bucket, line_id, sum(recovered_minor) as made_good from (
    select bucket, line_id, recovered_minor from repayment where reversed_on is null
    union all
    select bucket, line_id, recovered_minor from refund) r group by bucket, line_id) m
  left join (select n.bucket, n.line_id, sum(w.principal_minor + w.fee_minor + w.penalty_minor) as lost
               from loan_write_off w join loan n on n.bucket = w.bucket and n.id = w.loan_id
              group by n.bucket, n.line_id) l on l.bucket = m.bucket and l.line_id = m.line_id
 where m.made_good > coalesce(l.lost, 0);

-- name: recoveries_equal_ledger
-- What made losses good is what the books call recovery income.
select r.recorded, b.booked
  from (select coalesce((select sum(recovered_minor) from repayment where reversed_on is null), 0)
             + coalesce((select sum(recovered_minor) from refund), 0) as recorded) r,
       (select coalesce(-sum(amount_minor), 0) as booked from ledger_entry where account = 4005) b
 where r.recorded <> b.booked;
