-- Bills, what was paid and what came back. Each query must return no row; what it returns is what is wrong.

-- name: no_bill_is_forgotten
-- Whatever had its statement by the last day billed is billed.
select i.bucket, i.loan_id, i.number, i.statement_on, b.through
  from loan_instalment i
  join (select c.bucket, max(s.business_date) + 1 as through
          from generate_series(0, 255) as c (bucket)
          join close_step s on s.step = 'bill' and c.bucket between s.bucket_from and s.bucket_to
         group by c.bucket) b on b.bucket = i.bucket
 where not i.is_billed and i.statement_on <= b.through;

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

-- name: bills_are_settled_when_nothing_is_open
-- A bill is settled exactly when nothing is open of what it asked for.
select b.bucket, b.id, b.settled_on from bill b
 where (b.settled_on is null) <> exists (
   select from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
    where i.bucket = b.bucket and i.line_id = b.line_id and i.statement_on = b.statement_on and i.settled_on is null);

-- name: repayments_add_up
-- Every repayment is spent on instalments, makes a loss good or stands as a credit balance, to the cent.
select r.bucket, r.id, r.amount_minor, r.overpaid_minor, r.recovered_minor, coalesce(s.spent, 0) as spent_minor from repayment r
  left join (
    select bucket, repayment_id, sum(principal_minor + fee_minor + penalty_minor) as spent
      from repayment_part group by bucket, repayment_id) s on s.bucket = r.bucket and s.repayment_id = r.id
 where case when r.reversed_on is null then r.amount_minor else 0 end
       <> r.overpaid_minor + r.recovered_minor + coalesce(s.spent, 0);

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
