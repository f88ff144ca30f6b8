-- The invariants of the platform. Each query must return no row; what it returns is what is wrong.

-- name: entries_of_a_posting_sum_to_zero
-- Double entry: debits equal credits in every posting and currency.
select bucket, posting_id, currency, sum(amount_minor) as difference_minor
  from ledger_entry group by bucket, posting_id, currency having sum(amount_minor) <> 0;

-- name: every_posting_has_entries
-- A posting without entries says that something happened and books nothing.
select p.bucket, p.id, p.kind from ledger_posting p
 where not exists (select from ledger_entry e where e.bucket = p.bucket and e.posting_id = p.id);

-- name: every_entry_has_its_posting_and_account
-- An entry belongs to a posting booked the same day, on an account of the chart.
select e.bucket, e.posting_id, e.number, e.account from ledger_entry e
  left join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
  left join ledger_account a on a.code = e.account
 where p.id is null or a.code is null or p.booked_on <> e.booked_on;

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

-- name: no_bill_is_forgotten
-- Whatever had its statement by the last day billed is billed.
select i.bucket, i.loan_id, i.number, i.statement_on, b.through
  from loan_instalment i
  join (select c.bucket, max(s.business_date) + 1 as through
          from generate_series(0, 255) as c (bucket)
          join close_step s on s.step = 'bill' and c.bucket between s.bucket_from and s.bucket_to
         group by c.bucket) b on b.bucket = i.bucket
 where not i.is_billed and i.statement_on <= b.through;

-- name: captures_become_loans
-- What a purchase captured is the principal of its loans; a declined one has none.
select p.bucket, p.id, p.captured_minor, coalesce(n.lent, 0) as lent_minor from purchase p
  left join (select bucket, purchase_id, sum(principal_minor) as lent from loan group by bucket, purchase_id) n
    on n.bucket = p.bucket and n.purchase_id = p.id
 where p.captured_minor <> coalesce(n.lent, 0);

-- name: holds_end_exactly
-- A closed authorisation holds nothing, an open one holds something.
select bucket, id, amount_minor, captured_minor, released_minor, closed_as from purchase
 where outcome <> 'declined' and (closed_as is null) = (captured_minor + released_minor = amount_minor);

-- name: refunds_add_up
-- A purchase's refunds are those recorded, and each refund's parts are what it took off the plan.
select p.bucket, p.id, p.refunded_minor, coalesce(r.refunded, 0) as recorded_minor from purchase p
  left join (select bucket, purchase_id, sum(amount_minor) as refunded from refund group by bucket, purchase_id) r
    on r.bucket = p.bucket and r.purchase_id = p.id
 where p.refunded_minor <> coalesce(r.refunded, 0)
union all
select r.bucket, r.id, r.offset_principal_minor, coalesce(s.principal, 0) + r.shortfall_minor from refund r
  left join (select bucket, refund_id, sum(principal_minor) as principal, sum(fee_minor) as fee,
                    sum(subsidy_minor) as subsidy from refund_part group by bucket, refund_id) s
    on s.bucket = r.bucket and s.refund_id = r.id
 where r.offset_principal_minor <> coalesce(s.principal, 0) + r.shortfall_minor
    or r.fee_cancelled_minor <> coalesce(s.fee, 0) or r.subsidy_cancelled_minor <> coalesce(s.subsidy, 0);

-- name: repayments_add_up
-- Every repayment is spent on instalments, makes a loss good or stands as a credit balance, to the cent.
select r.bucket, r.id, r.amount_minor, r.overpaid_minor, r.recovered_minor, coalesce(s.spent, 0) as spent_minor from repayment r
  left join (
    select bucket, repayment_id, sum(principal_minor + fee_minor + penalty_minor) as spent
      from repayment_part group by bucket, repayment_id) s on s.bucket = r.bucket and s.repayment_id = r.id
 where case when r.reversed_on is null then r.amount_minor else 0 end
       <> r.overpaid_minor + r.recovered_minor + coalesce(s.spent, 0);

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

-- name: debits_become_repayments_once
-- A debit that succeeded brought exactly one repayment of its amount; any other brought none.
select d.bucket, d.id, d.state, d.amount_minor, r.amount_minor as repaid_minor from debit d
  left join repayment r on r.bucket = d.bucket and r.debit_id = d.id
 where (d.state = 'succeeded') <> (r.id is not null) or r.amount_minor <> d.amount_minor;

-- name: contradictions_are_what_they_say
-- What a bank contradicted is final as it was recorded, until it was booked; open ones on late money are being asked about.
select c.bucket, c.id, c.subject, c.subject_id, c.stood, coalesce(d.state, p.state) as state, c.resolution
  from bank_contradiction c
  left join debit d on c.subject = 'debit' and d.bucket = c.bucket and d.id = c.subject_id
  left join payout p on c.subject = 'payout' and p.bucket = c.bucket and p.id = c.subject_id
 where coalesce(d.state, p.state, '') <> case when c.resolution = 'booked' then c.told else c.stood end
    or (c.resolution is null and c.query_after is null and c.subject = 'debit' and c.told = 'succeeded');

-- name: no_contradiction_is_left_lying
-- Nobody lets a bank's contradiction lie for more than a week of closed days: somebody's money is in the wrong place.
select c.bucket, c.id, c.subject, c.subject_id, c.stood, c.told, c.first_seen_at,
       g.closed_through - c.first_seen_at::date as days_open
  from bank_contradiction c, programme g
 where c.resolution is null and c.first_seen_at::date < g.closed_through - 7;

-- name: an_order_is_debited_once
-- Of the attempts of an order one at most took money, but for late money of an attempt given up, which was booked as such.
select d.bucket, d.order_id, count(*) as succeeded from debit d
 where d.state = 'succeeded'
   and not exists (select from bank_contradiction c
                    where c.bucket = d.bucket and c.subject_id = d.id and c.resolution = 'booked')
 group by d.bucket, d.order_id having count(*) > 1;

-- name: attempts_follow_definite_failures
-- A further attempt exists only where the one before it has failed for good, or has brought money late.
select n.bucket, n.order_id, n.attempt, d.state from debit n
  left join debit d on d.bucket = n.bucket and d.next_id = n.id
 where n.attempt > 1
   and (d.id is null or d.attempt <> n.attempt - 1 or d.order_id <> n.order_id
        or (d.state <> 'failed' and not exists (
              select from bank_contradiction c where c.bucket = d.bucket and c.subject_id = d.id and c.told = 'succeeded')));

-- name: routes_say_where_debits_went
-- A kept decision names the channel its debit was sent through.
select r.bucket, r.debit_id, r.chosen, d.channel from route_decision r
  left join debit d on d.bucket = r.bucket and d.id = r.debit_id
 where d.id is null or d.channel <> r.chosen;

-- name: suspense_equals_suspended_differences
-- What stands in suspense in the books is what the suspended differences say.
with effect as (
  select case when flow = 'payout' then -1 else 1 end
         * case when kind in ('status', 'duplicate') then coalesce(theirs_minor, 0)
                when kind = 'fee' then 0
                else coalesce(theirs_minor, 0) - coalesce(ours_minor, 0) end as cash
    from channel_difference where state = 'suspended'
)
select e.more, e.less, b.payable, b.receivable
  from (select coalesce(sum(cash) filter (where cash > 0), 0) as more,
               coalesce(-sum(cash) filter (where cash < 0), 0) as less from effect) e,
       (select coalesce(-sum(amount_minor) filter (where account = 2007), 0) as payable,
               coalesce(sum(amount_minor) filter (where account = 1021), 0) as receivable
          from ledger_entry where account in (1021, 2007)) b
 where e.more <> b.payable or e.less <> b.receivable;

-- name: channel_fees_equal_files
-- What the books say channels took is what their files say.
select f.fees as file_minor, b.booked as booked_minor
  from (select coalesce(sum(channel_fee_minor), 0) as fees from channel_day where state = 'reconciled') f,
       (select coalesce(sum(amount_minor), 0) as booked from ledger_entry where account = 5003) b
 where f.fees <> b.booked;

-- name: differences_are_ended_by_two_people
-- A difference that people ended, or put into suspense, has one who proposed it and another who agreed.
select bucket, id, kind, state, resolution, maker, checker from channel_difference
 where (state = 'suspended' or resolution in ('accepted', 'written_off', 'taken_in'))
   and (maker is null or checker is null or maker = checker);

-- name: autopay_stands_on_a_mandate
-- Automatic payment is allowed exactly where a mandate is in force.
select coalesce(s.bucket, m.bucket) as bucket, coalesce(s.id, m.source_id) as source_id
  from (select bucket, id from funding_source where autopay_agreed_at is not null) s
  full join (select bucket, source_id from mandate where revoked_at is null) m on m.bucket = s.bucket and m.source_id = s.id
 where s.id is null or m.source_id is null;

-- name: payouts_in_transit_equal_ledger
-- What is on its way to merchants and customers is what the ledger has in transit.
select coalesce(p.open, 0) as open_minor, coalesce(b.booked, 0) as booked_minor
  from (select sum(amount_minor) as open from payout where state in ('created', 'sent', 'unknown')) p,
       (select -sum(amount_minor) as booked from ledger_entry where account = 2005) b
 where coalesce(p.open, 0) <> coalesce(b.booked, 0);

-- name: merchants_are_paid_what_is_booked
-- Once a day is settled, a merchant's account stands at what its last settlement carries on, less what was withdrawn since.
with settled as (
  select max(business_date) as through from close_step where step = 'settle'
), last as (
  select distinct on (s.merchant_id) s.merchant_id, s.net_minor - s.paid_minor - coalesce((
           select sum(w.amount_minor) from settlement_withdrawal w join settled t on w.booked_on <= t.through
            where w.merchant_id = s.merchant_id and w.booked_on > s.business_date), 0) as carried
    from settlement s order by s.merchant_id, s.business_date desc
), booked as (
  select e.owner_id, -sum(e.amount_minor) as owed
    from ledger_entry e join settled on e.booked_on <= settled.through
   where e.account = 2001 group by e.owner_id
)
select coalesce(b.owner_id, l.merchant_id) as merchant_id, b.owed as owed_minor, l.carried as carried_minor
  from booked b full join last l on l.merchant_id = b.owner_id
 where coalesce(b.owed, 0) <> coalesce(l.carried, 0)
   and exists (select from settled where through is not null);

-- name: settlements_equal_their_lines
-- A settlement's net is what was booked to its merchant that day, here or gathered, with what the one before carried on.
with line as (
  select e.owner_id as merchant_id, e.booked_on, -sum(e.amount_minor) as booked
    from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
   where e.account = 2001 and p.kind not in ('settlement_paid', 'settlement_withdrawn', 'settlement_forwarded')
   group by e.owner_id, e.booked_on
), chain as (
  select s.*, coalesce(lag(s.net_minor - s.paid_minor) over (
           partition by s.merchant_id order by s.business_date), 0) as before_minor
    from settlement s
)
select c.merchant_id, c.business_date, c.net_minor, l.booked, c.before_minor, c.withdrawn_minor from chain c
  left join line l on l.merchant_id = c.merchant_id and l.booked_on = c.business_date
 where c.net_minor <> coalesce(l.booked, 0) + c.before_minor - c.withdrawn_minor;

-- name: reserves_equal_ledger
-- What settlements keep back is what they say, is released once its time has come, and stands in the ledger as reserve.
select r.merchant_id, r.business_date, r.amount_minor, s.reserved_minor from settlement_reserve r
  full join (select * from settlement where reserved_minor > 0) s
    on s.merchant_id = r.merchant_id and s.business_date = r.business_date
 where r.amount_minor is distinct from s.reserved_minor
union all
select r.merchant_id, r.releases_on, r.amount_minor, null from settlement_reserve r
  join (select max(business_date) as through from close_step where step = 'settle') t on r.releases_on <= t.through
 where r.released_on is null
union all
select coalesce(r.merchant_id, b.owner_id), null, r.kept, b.booked
  from (select merchant_id, sum(amount_minor) filter (where released_on is null) as kept
          from settlement_reserve group by merchant_id) r
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2008 group by owner_id) b
    on b.owner_id = r.merchant_id
 where coalesce(r.kept, 0) <> coalesce(b.booked, 0);

-- name: shares_adjustments_and_withdrawals_equal_ledger
-- What platforms got, what people booked by hand and what was withdrawn stand in the ledger, for the same merchants.
with told as (
  select 'income_shared' as kind, platform_id as merchant_id, sum(share_minor) as amount from income_shared group by platform_id
  union all
  select 'merchant_adjusted', merchant_id, sum(amount_minor) from merchant_adjustment group by merchant_id
  union all
  select 'settlement_withdrawn', merchant_id, -sum(amount_minor) from settlement_withdrawal group by merchant_id
), booked as (
  select p.kind, e.owner_id as merchant_id, -sum(e.amount_minor) as amount
    from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
   where e.account = 2001 and p.kind in ('income_shared', 'merchant_adjusted', 'settlement_withdrawn')
   group by p.kind, e.owner_id
)
select coalesce(t.kind, b.kind) as kind, coalesce(t.merchant_id, b.merchant_id) as merchant_id, t.amount, b.amount as booked
  from told t full join booked b on b.kind = t.kind and b.merchant_id = t.merchant_id
 where coalesce(t.amount, 0) <> coalesce(b.amount, 0)
union all
select 'share', i.merchant_id, i.discount_minor, s.discount_minor from income_shared i
  left join settlement s on s.merchant_id = i.merchant_id and s.business_date = i.business_date
 where i.discount_minor is distinct from s.discount_minor
union all
select 'withdrawal', w.merchant_id, w.amount_minor, p.amount_minor from settlement_withdrawal w
  left join payout p on p.bucket = 0 and p.id = w.payout_id and p.source_id = w.id and p.beneficiary_id = w.merchant_id
 where p.amount_minor is distinct from w.amount_minor;

-- name: money_to_share_equals_ledger
-- What pools keep for sharing is what the ledger keeps from their merchants.
select coalesce(k.merchant_id, b.owner_id) as merchant_id, k.kept, b.booked
  from (select merchant_id, sum(kept_minor) as kept from share_pool group by merchant_id) k
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2015 group by owner_id) b
    on b.owner_id = k.merchant_id
 where coalesce(k.kept, 0) <> coalesce(b.booked, 0);

-- name: shares_add_up
-- What receivers have of a payment is what they were given less what they gave back, and each return is of a part's receiver.
select p.source_id, p.given_minor, coalesce(g.given, 0) as parts_minor from share_pool p
  left join (select s.source_id, sum(t.amount_minor - t.returned_minor) as given
               from share s join share_part t on t.share_id = s.id group by s.source_id) g on g.source_id = p.source_id
 where p.given_minor <> coalesce(g.given, 0)
union all
select coalesce(t.share_id, r.share_id), t.returned, r.returned
  from (select share_id, receiver_id, sum(returned_minor) as returned from share_part
         group by share_id, receiver_id having sum(returned_minor) > 0) t
  full join (select share_id, receiver_id, sum(amount_minor) as returned from share_return
              group by share_id, receiver_id) r on r.share_id = t.share_id and r.receiver_id = t.receiver_id
 where t.returned is distinct from r.returned;

-- name: shares_and_returns_equal_ledger
-- Every share and every return is booked once, in its amount, to its receivers.
select coalesce(t.id, b.source_id) as id, t.amount, b.booked
  from (select share_id as id, sum(amount_minor) as amount from share_part group by share_id
        union all select id, amount_minor from share_return) t
  full join (select p.source_id, sum(-e.amount_minor) filter (where e.amount_minor < 0) as booked
               from ledger_posting p join ledger_entry e on e.bucket = p.bucket and e.posting_id = p.id
              where p.kind in ('share_given', 'share_returned') group by p.source_id) b on b.source_id = t.id
 where t.amount is distinct from b.booked;

-- name: what_is_held_is_what_is_disputed
-- Of a merchant's money is held exactly what open disputes are about; what was awarded went back as one refund.
select coalesce(d.merchant_id, b.owner_id) as merchant_id, d.held, b.booked
  from (select merchant_id, sum(held_minor) as held from dispute where closed_at is null group by merchant_id) d
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2009 group by owner_id) b
    on b.owner_id = d.merchant_id
 where coalesce(d.held, 0) <> coalesce(b.booked, 0)
union all
select d.id, d.awarded_minor, r.amount_minor from dispute d
  left join refund r on r.bucket = d.bucket and r.id = d.refund_id and r.purchase_id = d.purchase_id
 where coalesce(d.awarded_minor, 0) <> coalesce(r.amount_minor, 0);

-- name: a_dispute_gives_back_no_more_than_is_disputed
-- What was given back from the claim to its decision, the award with it, is at most what was disputed, where anything was
-- awarded at all.
select d.bucket, d.id, d.amount_minor, g.given_minor, d.refunded_before_minor from dispute d
  join refund a on a.bucket = d.bucket and a.id = d.refund_id
 cross join lateral (select sum(r.amount_minor) as given_minor from refund r
                      where r.bucket = d.bucket and r.purchase_id = d.purchase_id and r.recorded_no <= a.recorded_no) g
 where g.given_minor - d.refunded_before_minor > d.amount_minor;

-- name: parts_between_servers_equal_ledger
-- What one server sent on its way to the merchants' settlement, or another took over, is what its ledger says.
select coalesce(p.net, 0) as parts_minor, coalesce(b.booked, 0) as booked_minor
  from (select sum(case when gathered_on is null then -net_minor else net_minor end) as net from settlement_part) p,
       (select sum(amount_minor) as booked from ledger_entry where account = 2006) b
 where coalesce(p.net, 0) <> coalesce(b.booked, 0);

-- name: customers_never_owe_us_by_their_balances
-- What we owe a line as a credit balance, or a customer as a refund to pay out, is never less than nothing.
select bucket, account, owner_id, sum(amount_minor) as balance_minor from ledger_entry
 where account in (2003, 2004) group by bucket, account, owner_id having sum(amount_minor) > 0;

-- name: refunds_to_pay_out_wait_for_an_account
-- What we owe customers as refunds, and is not on its way, is what failed and waits for another account.
select coalesce(b.owner_id, w.beneficiary_id) as customer_id, b.owed, w.waiting
  from (select owner_id, -sum(amount_minor) as owed from ledger_entry where account = 2004 group by owner_id) b
  full join (select beneficiary_id, sum(amount_minor) as waiting from payout
              where kind = 'refund' and state = 'failed' and query_after is not null
              group by beneficiary_id) w on w.beneficiary_id = b.owner_id
 where coalesce(b.owed, 0) <> coalesce(w.waiting, 0);

-- name: what_goes_back_is_paid_out
-- What refunds send back along a line's repayments, and each credit balance given back, is in payouts of that amount.
with paid as (
  select bucket, source_id, sum(amount_minor) as amount from payout
   where kind = 'refund' and (state <> 'failed' or query_after is not null) group by bucket, source_id
)
select 'line' as relation, r.bucket, r.line_id as id, r.returned, coalesce(p.paid, 0) as paid
  from (select bucket, line_id, sum(returned_minor) as returned from repayment group by bucket, line_id) r
  left join (select f.bucket, f.line_id, sum(p.amount) as paid
               from refund f join paid p on p.bucket = f.bucket and p.source_id = f.id
              group by f.bucket, f.line_id) p on p.bucket = r.bucket and p.line_id = r.line_id
 where r.returned <> coalesce(p.paid, 0)
union all
select 'credit_payout', c.bucket, c.id, c.amount_minor, coalesce(p.amount, 0)
  from credit_payout c left join paid p on p.bucket = c.bucket and p.source_id = c.id
 where c.amount_minor <> coalesce(p.amount, 0);

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

-- name: roll_up_equals_entries
-- The trial balance of every day rolled up is what its entries say.
with rolled as (
  select b.bucket, max(s.business_date) as through
    from generate_series(0, 255) as b (bucket)
    join close_step s on s.step = 'roll_up' and b.bucket between s.bucket_from and s.bucket_to
   group by b.bucket
), e as (
  select e.bucket, e.booked_on, e.account, e.currency,
         coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0) as debit,
         coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0) as credit
    from ledger_entry e join rolled r on r.bucket = e.bucket and e.booked_on <= r.through
   group by e.bucket, e.booked_on, e.account, e.currency
), t as (
  select * from ledger_day_total
)
select coalesce(e.booked_on, t.booked_on) as booked_on, coalesce(e.account, t.account) as account,
       e.debit, t.debit_minor, e.credit, t.credit_minor
  from e full join t on t.bucket = e.bucket and t.booked_on = e.booked_on and t.account = e.account
                    and t.currency = e.currency
 where e.debit is distinct from t.debit_minor or e.credit is distinct from t.credit_minor;

-- name: owner_balances_equal_entries
-- A running balance is the sum of its owner's entries through the last day rolled up.
with rolled as (
  select b.bucket, max(s.business_date) as through
    from generate_series(0, 255) as b (bucket)
    join close_step s on s.step = 'roll_up' and b.bucket between s.bucket_from and s.bucket_to
   group by b.bucket
), e as (
  select e.bucket, e.account, e.owner_id, e.currency, sum(e.amount_minor) as balance
    from ledger_entry e
    join ledger_account a on a.code = e.account and a.is_balance_kept
    join rolled r on r.bucket = e.bucket and e.booked_on <= r.through
   group by e.bucket, e.account, e.owner_id, e.currency
)
select coalesce(e.account, o.account) as account, coalesce(e.owner_id, o.owner_id) as owner_id,
       e.balance, o.balance_minor
  from e full join ledger_owner_balance o
    on o.bucket = e.bucket and o.account = e.account and o.owner_id = e.owner_id and o.currency = e.currency
 where coalesce(e.balance, 0) <> coalesce(o.balance_minor, 0);

-- name: customer_rows_stay_in_their_bucket
-- The bucket of a row is the last byte of its id and of its customer's.
select 'credit_line' as relation, id from credit_line
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(customer_id), 15)
union all
select 'purchase', id from purchase
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(line_id), 15)
union all
select 'loan', id from loan where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(line_id), 15);

-- name: customers_stay_on_their_server
-- Where several servers share the buckets, each holds customers of its own only.
select 'customer' as relation, c.bucket, c.id from customer c, placement p where not c.bucket = any (p.buckets)
union all
select 'credit_line', l.bucket, l.id from credit_line l, placement p where not l.bucket = any (p.buckets);

-- name: shadows_are_of_decisions
-- What a model in shadow would have decided is about a decision that another model made.
select s.bucket, s.decision_id, s.model_version
  from credit_shadow s left join credit_decision d on d.bucket = s.bucket and d.id = s.decision_id
 where d.id is null or d.kind <> 'application' or d.model_version = s.model_version;

-- name: limits_are_what_was_granted
-- A limit is what was granted, or what is in use where that is more; a line knows how many sublimits are in force.
select l.bucket, l.id, l.limit_minor, l.limit_target_minor, l.held_minor, l.used_minor, l.sublimits
  from credit_line l
  left join (select bucket, line_id, count(*) as in_force from credit_sublimit where ended_at is null
              group by bucket, line_id) s on s.bucket = l.bucket and s.line_id = l.id
 where l.limit_minor <> greatest(l.limit_target_minor, l.held_minor + l.used_minor)
    or l.sublimits <> coalesce(s.in_force, 0);

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

-- name: quotes_name_the_plans_they_offer
-- What an order is made from, plans and who bears their fee, is what the quote's offers say.
select q.bucket, q.id from quote q,
       lateral (select coalesce(jsonb_agg(o.offer -> 'plan' order by o.number), '[]') as plans,
                       coalesce(bool_and(o.offer ->> 'fee_payer' = q.fee_payer), true) as is_agreed
                  from jsonb_array_elements(convert_from(q.plans, 'UTF8')::jsonb) with ordinality as o (offer, number)) s
 where s.plans <> to_jsonb(q.plan_codes) or not s.is_agreed;

-- name: facts_and_events_agree
-- Since there are events, every purchase, refund and settlement has its own, and none tells of what is not.
with begun as (
  select min(happened_at) as at from merchant_event
), first_told as (
  select distinct on (e.bucket, e.key_id) e.bucket, e.key_id, e.kind, e.happened_at from merchant_event e
   where e.kind like 'purchase.%' order by e.bucket, e.key_id, e.number
)
select p.bucket, p.id, 'purchase' as what from purchase p
  cross join begun b left join first_told f on f.bucket = p.bucket and f.key_id = p.id
 where p.authorised_at >= b.at
   and (f.kind is null or f.happened_at <> p.authorised_at
        or f.kind not in ('purchase.in_review', 'purchase.authorised', 'purchase.declined', 'purchase.captured')
        or (f.kind = 'purchase.in_review') <> (p.decided_at is not null or p.outcome in ('step_up', 'in_review'))
        or (f.kind <> 'purchase.in_review' and (f.kind = 'purchase.declined') <> (p.outcome = 'declined')))
union all
select r.bucket, r.id, 'refund' from refund r cross join begun b
  left join merchant_event e on e.bucket = r.bucket and e.subject_id = r.id and e.kind = 'refund.created'
 where r.recorded_at >= b.at group by r.bucket, r.id having count(e.number) <> 1
union all
select 0, s.id, 'settlement' from settlement s cross join begun b
  left join merchant_event e on e.subject_id = s.id and e.kind = 'settlement.created'
 where s.business_date > b.at::date group by s.id having count(e.number) <> 1
union all
select e.bucket, e.subject_id, e.kind from merchant_event e
  left join purchase p on p.bucket = e.bucket and p.id = e.subject_id and p.merchant_id = e.merchant_id
 where e.kind like 'purchase.%'
   and not coalesce(case e.kind when 'purchase.declined' then p.outcome = 'declined'
                                when 'purchase.captured' then p.captured_minor > 0
                                when 'purchase.authorised' then p.outcome = 'authorised'
                                when 'purchase.in_review' then p.decided_at is not null
                                  or p.outcome in ('step_up', 'in_review')
                                else 'purchase.' || p.closed_as = e.kind end, false)
union all
select e.bucket, e.subject_id, e.kind from merchant_event e
  left join settlement s on s.id = e.subject_id and s.merchant_id = e.merchant_id
 where e.kind like 'settlement.%' and s.id is null;

-- name: declined_and_ended_purchases_are_so
-- A declined purchase says why and never held anything; how a hold ended is what became of it.
select bucket, id, outcome, closed_as, captured_minor, released_minor from purchase
 where case outcome when 'declined' then cardinality(decline_reasons) = 0 or captured_minor + released_minor > 0
                                         or closed_as is not null
                    else cardinality(decline_reasons) > 0 or (closed_as = 'captured' and captured_minor = 0)
                         or (closed_as in ('voided', 'expired') and released_minor = 0) end;

-- name: suspended_purchases_only_hold
-- A suspended purchase has lent nothing and was captured by nobody; what was decided later was suspended before.
select p.bucket, p.id, p.outcome, p.closed_as, p.captured_minor from purchase p
 where (p.outcome in ('step_up', 'in_review')
        and (p.captured_minor > 0 or p.closed_as = 'captured'
             or exists (select from loan n where n.bucket = p.bucket and n.id = p.id)))
    or p.decided_at < p.authorised_at
union all
select c.bucket, c.purchase_id, p.outcome, p.closed_as, c.attempts_left from purchase_challenge c
  left join purchase p on p.bucket = c.bucket and p.id = c.purchase_id
 where p.id is null or (c.confirmed_at is not null and (p.outcome <> 'authorised' or p.decided_at is null));

-- name: risk_decisions_are_obeyed
-- What risk control decided became of its purchase: declined, suspended until somebody decided, or let pass.
select d.bucket, d.purchase_id, d.outcome, p.outcome as became from risk_decision d
  left join purchase p on p.bucket = d.bucket and p.id = d.purchase_id
 where (p.customer_id, p.merchant_id, p.amount_minor) is distinct from (d.customer_id, d.merchant_id, d.amount_minor)
    or case d.outcome when 'decline' then p.outcome <> 'declined'
                      when 'review' then p.outcome = 'step_up' or (p.outcome = 'authorised' and p.decided_at is null)
                      when 'step_up' then p.outcome = 'in_review' or (p.outcome = 'authorised' and p.decided_at is null)
                      else p.outcome in ('step_up', 'in_review') or p.decided_at is not null end
union all
select o.bucket, o.purchase_id, o.source, null from risk_outcome o
  left join risk_decision d on d.bucket = o.bucket and d.purchase_id = o.purchase_id
 where d.purchase_id is null or o.fold_number <= d.fold_number;

-- name: risk_records_are_what_they_say
-- A decision's inputs have the digest that is kept beside them, and what it was made by is kept.
select d.bucket, d.purchase_id, d.versions from risk_decision d
  left join risk_versions v on v.digest = d.versions
 where d.sha256 <> sha256(d.inputs) or v.digest is null;

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

-- name: postings_are_of_their_facts_day
-- What is booked of a fact counts on the fact's day; nothing counts after the day it is booked on, but what the close books
-- ahead of a statement.
with fact as (
  select bucket, id, 'purchase_captured' as kind, taken_on as day from loan where kind = 'purchase'
  union all
  select bucket, id, 'repayment_received', effective_on from repayment
  union all
  select bucket, id, 'refund_given', effective_on from refund
  union all
  select bucket, id, 'loan_written_off', effective_on from loan_write_off
)
select p.bucket, p.id, p.kind, p.effective_on, p.booked_on from ledger_posting p
  left join fact f on f.bucket = p.bucket and f.id = p.source_id and f.kind = p.kind
 where (p.kind in ('purchase_captured', 'repayment_received', 'refund_given', 'loan_written_off')
        and f.day is distinct from p.effective_on)
    or p.effective_on > p.booked_on + (p.kind in ('instalment_billed', 'interest_accrued'))::integer;

-- name: postings_move_what_their_kind_says
-- A posting touches the accounts that its kind is about: settlements read merchants' days by the kinds of their postings.
select p.bucket, p.id, p.kind, p.accounts from ledger_posting p
  join (values ('penalty_accrued', array[1013, 4004]), ('settlement_paid', array[2001, 2005]),
               ('settlement_withdrawn', array[2001, 2005]), ('settlement_forwarded', array[2001, 2006]),
               ('settlement_gathered', array[2001, 2006]), ('reserve_moved', array[2001, 2008]),
               ('dispute_held', array[2001, 2009]), ('dispute_released', array[2001, 2009]),
               ('kept_for_sharing', array[2001, 2015]), ('released_from_sharing', array[2001, 2015]),
               ('prepaid_held', array[2001, 2018]), ('prepaid_drawn', array[2001, 2018]),
               ('prepaid_released', array[2001, 2018]), ('income_shared', array[2001, 5005]),
               ('merchant_adjusted', array[2001, 4007]), ('purchase_captured', array[1011, 2001]))
    as k (kind, accounts) on k.kind = p.kind
 where not p.accounts @> k.accounts
union all
select p.bucket, p.id, p.kind, p.accounts from ledger_posting p
 where p.kind = 'instalment_billed' and not p.accounts && array[1012, 1014, 2002];

-- name: bills_ask_for_what_fell_due
-- A bill of a line that was not lived again since asks for no more than its statement's instalments cost, of loans paid by
-- statement and in their currency, by no later day than theirs, and for no less than is still open of them.
select b.bucket, b.id, b.principal_minor, b.fee_minor, s.principal, s.fee, s.open_minor from bill b
  left join (
    select i.bucket, i.line_id, i.statement_on, n.currency, sum(i.principal_minor) as principal, sum(i.fee_minor) as fee,
           max(i.due_on) as due_on,
           sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor)
             as open_minor
      from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
     group by i.bucket, i.line_id, i.statement_on, n.currency) s
    on s.bucket = b.bucket and s.line_id = b.line_id and s.statement_on = b.statement_on and s.currency = b.currency
 where (s.principal is null or b.principal_minor not between s.open_minor and s.principal
        or b.fee_minor not between 0 and s.fee or b.carried_minor < 0 or b.due_on > s.due_on)
   and not exists (select from ledger_posting p
                    where p.bucket = b.bucket and p.line_id = b.line_id and p.kind = 'line_replayed')
   and not exists (select from loan_adjustment a
                    where a.bucket = b.bucket and a.line_id = b.line_id and a.undoes_id is not null);

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

-- name: bills_are_settled_when_nothing_is_open
-- A bill is settled exactly when nothing is open of what it asked for.
select b.bucket, b.id, b.settled_on from bill b
 where (b.settled_on is null) <> exists (
   select from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
    where i.bucket = b.bucket and i.line_id = b.line_id and i.statement_on = b.statement_on and i.settled_on is null);

-- name: what_was_taken_back_was_decided
-- A repayment is taken back exactly where somebody decided so, and goodwill is what the books spent on it.
select r.bucket, r.id, r.amount_minor from repayment r
  left join loan_adjustment u on u.bucket = r.bucket and u.undoes_id = r.id
 where (r.reversed_on is not null) <> (u.id is not null)
union all
select null, null, g.given - b.booked
  from (select coalesce(sum(amount_minor), 0) as given from repayment where kind = 'goodwill' and reversed_on is null) g,
       (select coalesce(sum(amount_minor), 0) as booked from ledger_entry where account = 5002) b
 where g.given <> b.booked;

-- name: payouts_go_to_whom_they_are_owed
-- A settlement is paid to its merchant, a refund or credit balance to its customer, in one payout of that amount.
select s.business_date, s.merchant_id as owed_to, p.beneficiary_id, s.paid_minor, p.amount_minor from settlement s
  left join payout p on p.id = s.payout_id and p.source_id = s.id and p.kind = 'settlement'
 where (s.paid_minor > 0 or s.payout_id is not null)
   and (p.beneficiary_id is distinct from s.merchant_id or p.amount_minor <> s.paid_minor)
union all
select null, coalesce(r.customer_id, c.customer_id), p.beneficiary_id, null, p.amount_minor from payout p
  left join refund r on r.bucket = p.bucket and r.id = p.source_id
  left join credit_payout c on c.bucket = p.bucket and c.id = p.source_id
 where p.kind = 'refund' and p.beneficiary_id <> coalesce(r.customer_id, c.customer_id);

-- name: messages_lie_with_their_recipient
-- A message lies in the bucket of whom it is said to.
select bucket, id, recipient_id from message
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(recipient_id), 15);

-- name: components_are_their_members
-- What a component says of itself is what its members are.
select coalesce(c.id, m.component_id) as id, c.size, m.size as members
  from risk_component c
  full join (select component_id, count(*) as size, count(bad_at) as bads from risk_member group by component_id) m
    on m.component_id = c.id
 where c.size is distinct from m.size or c.bads is distinct from m.bads;

-- name: who_shares_a_card_hangs_together
-- Two customers whom the graph has seen with the same card or device are in one component, unless too many share it.
select s.entity, s.digest, count(distinct m.component_id) as components
  from risk_sighting s join risk_member m on m.bucket = s.bucket and m.customer_id = s.customer_id
 where s.linked_at is not null and s.entity in ('card', 'device')
 group by s.entity, s.digest having count(distinct m.component_id) > 1 and count(*) <= 10;

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

-- name: passkeys_belong_to_somebody
-- A passkey is a registered customer's.
select k.bucket, k.id from passkey k
 where not exists (select from customer c where c.bucket = k.bucket and c.id = k.customer_id);
-- name: prepaid_money_equals_ledger
-- What is kept of what customers paid before a service is what the ledger keeps from their merchants; what is over is empty.
select coalesce(h.merchant_id, b.owner_id) as merchant_id, h.kept, b.booked
  from (select merchant_id, sum(left_minor) as kept from prepaid_hold group by merchant_id) h
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2018 group by owner_id) b
    on b.owner_id = h.merchant_id
 where coalesce(h.kept, 0) <> coalesce(b.booked, 0)
union all
select h.loan_id, h.left_minor, h.steps_done from prepaid_hold h where h.steps_done = h.steps and h.left_minor <> 0;

-- name: companies_are_approved_by_two_people
-- Who is a merchant by an application was proposed by one person and approved by another, and signed for its scene.
select a.id, d.merchant_id from merchant_application a
  join merchant_admission d on d.application_id = a.id
 where a.state <> 'active' or a.proposed_by is null or a.decided_by is null or a.proposed_by = a.decided_by
    or not exists (select from contract_signature s where s.application_id = a.id and s.scene = d.scene)
    or not exists (select from merchant m where m.id = d.merchant_id and m.category = d.scene)
union all
select s.application_id, s.id from contract_signature s
  join contract_text t on t.scene = s.scene and t.version = s.version
 where s.digest <> t.digest or t.announced_at is null or t.announced_at > s.signed_at;

-- name: bureaus_are_asked_with_consent
-- A consent to ask a bureau is the applicant's own, and no younger than the application.
select a.bucket, a.id, a.customer_id, c.customer_id as consented from credit_application a
  join bureau_consent c on c.bucket = a.bucket and c.application_id = a.id
 where c.customer_id <> a.customer_id or c.given_at > a.received_at;
