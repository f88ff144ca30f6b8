-- name: insert_lines
-- Open lines by their numbers; their ids are derived from these (see bench/ground.py).
insert into credit_line (bucket, id, customer_id, currency, limit_minor, limit_target_minor, statement_day, opened_on)
select n %% 256, overlay(md5(format('line/%%s', n)) placing lpad(to_hex(n %% 256), 2, '0') from 31 for 2)::uuid,
       overlay(md5(format('customer/%%s', n)) placing lpad(to_hex(n %% 256), 2, '0') from 31 for 2)::uuid,
       %(currency)s::text, %(limit)s::bigint, %(limit)s::bigint, d.days[1 + n %% cardinality(d.days)], %(opened_on)s::date
  from generate_series(%(first)s::integer, %(until)s::integer - 1) as n,
       (select %(statement_days)s::smallint[] as days) as d;

-- name: insert_grades
-- What lines opened by their numbers were granted for: an application and its decision each.
with line as (
  select bucket, id, customer_id, limit_minor from credit_line
), asked as (
  insert into credit_application (bucket, id, customer_id, currency, income_minor, received_at)
  select bucket, id, customer_id, %(currency)s::text, %(income)s::bigint, %(at)s::timestamptz from line
)
insert into credit_decision (bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest,
                             model_version, policy_version, grade, reasons, limit_before_minor, limit_after_minor, actor,
                             decided_at)
select bucket, id, customer_id, id, id, 'application', 'approved', '', '', 'bench', 'bench', %(grade)s::text, '{}', 0,
       limit_minor, 'bench', %(at)s::timestamptz
  from line;

-- name: late_instalments
-- What a line owes whose due date is before a day, locked.
select bucket, loan_id, number, due_on, principal_minor - principal_paid_minor - principal_refunded_minor as open_minor,
       penalty_ppm, penalty_micros, penalty_charged_minor, penalty_minor, penalty_through
  from loan_instalment
 where bucket = %(bucket)s and line_id = %(line)s and settled_on is null and due_on < %(day)s::date
 order by loan_id, number for update;

-- name: charge_instalment
-- Write the penalty of one instalment through a day.
update loan_instalment set penalty_micros = %(micros)s, penalty_minor = %(penalty)s, penalty_through = %(through)s::date
 where bucket = %(bucket)s and loan_id = %(loan)s and number = %(number)s;

-- name: unbilled_instalments
-- What of a line is to stand on a statement, locked.
select i.bucket, i.loan_id, i.number, i.due_on, i.principal_minor, i.fee_minor, n.customer_id, n.currency::text as currency
  from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id
 where i.bucket = %(bucket)s and i.line_id = %(line)s and not i.is_billed and i.statement_on <= %(statement_on)s::date
 order by i.loan_id, i.number for update of i;

-- name: bill_instalment
-- Mark one instalment as billed.
update loan_instalment set is_billed = true
 where bucket = %(bucket)s and loan_id = %(loan)s and number = %(number)s;

-- name: insert_bill
-- Write one bill.
insert into bill (bucket, id, line_id, customer_id, currency, statement_on, due_on, principal_minor, fee_minor,
                  carried_minor)
values (%(bucket)s, %(id)s, %(line)s, %(customer)s, %(currency)s, %(statement_on)s, %(due_on)s, %(principal)s, %(fee)s, 0);

-- name: stage_loan
-- Move one loan to another stage, unless it is there.
with changed as (
  update loan n set stage = %(stage)s
    from loan before
   where n.bucket = %(bucket)s and n.id = %(loan)s and n.stage <> %(stage)s
     and before.bucket = n.bucket and before.id = n.id
  returning n.bucket, n.id, before.stage as stage_before
)
insert into loan_stage_change (bucket, loan_id, changed_on, stage_before, stage_after)
select bucket, id, %(day)s::date, stage_before, %(stage)s from changed;

-- name: insert_accepted_quotes
-- Write quotes whose offers, a few, are shared by many of them; each is accepted.
insert into quote (bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, plan_codes, fee_payer,
                   created_at, expires_at, accepted_plan, accepted_at, cost_sheet_digest)
select u.bucket, u.id, u.merchant_id, u.customer_id, u.line_id, %(currency)s::text, o.amount_minor, o.plans,
       string_to_array(o.plan_codes, ','), %(fee_payer)s::text, %(at)s::timestamptz, %(expires_at)s::timestamptz, %(plan)s::text, %(at)s::timestamptz, decode(o.digest, 'hex')
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(merchant)s::uuid[], %(customer)s::uuid[], %(line)s::uuid[],
              %(offer)s::integer[]) as u (bucket, id, merchant_id, customer_id, line_id, offer)
  join unnest(%(amount)s::bigint[], %(plans)s::bytea[], %(plan_codes)s::text[], %(digest)s::text[])
       with ordinality as o (amount_minor, plans, plan_codes, digest, number) on o.number = u.offer;

-- name: insert_debits
-- Payments that a channel has made, by number, with ids derived from it; amounts as the file's.
insert into debit (bucket, id, line_id, customer_id, funding_source_id, channel, agreement, purpose, currency, amount_minor,
                   state, created_at, answered_at, order_id)
select get_byte(uuid_send(n.id), 15), n.id, n.id, n.id, n.id, 'bench', 'AG', 'autopay', 'CNY', 1000 + n.number %% 900000,
       'succeeded', %(at)s::timestamptz, %(at)s::timestamptz, n.id
  from (select g.number, md5('debit/' || g.number)::uuid as id
          from generate_series(%(first)s::bigint, %(until)s::bigint - 1) as g (number)) n
 order by n.number
returning id;

-- name: last_decision
-- How far risk control has counted its decisions.
select coalesce(max(fold_number), 0) from risk_decision;

-- name: scored_since
-- Decisions after a number that a model gave a score.
select count(*) from risk_decision where fold_number > %(mark)s and score is not null;
