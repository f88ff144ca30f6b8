-- Who put money on a line by hand, or agreed to a refinancing, and why; nothing when a debit or a rule brought it.
alter table repayment add column actor text;
alter table repayment add column reason text;

-- What was agreed for an instalment, before charges and deferrals: what its line is lived again from.
alter table loan_instalment add column agreed_fee_minor bigint;
alter table loan_instalment add column agreed_due_on date;
update loan_instalment i
   set agreed_fee_minor = i.fee_minor - coalesce((
         select sum(a.amount_minor) from loan_adjustment a
          where a.bucket = i.bucket and a.loan_id = i.loan_id and a.number = i.number and a.kind = 'charge'
            and a.component = 'fee'
            and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id)), 0),
       agreed_due_on = coalesce((
         select a.from_on from loan_adjustment a
          where a.bucket = i.bucket and a.loan_id = i.loan_id and a.number = i.number and a.kind = 'deferral'
          order by a.recorded_no limit 1), i.due_on);
alter table loan_instalment alter column agreed_fee_minor set not null;
alter table loan_instalment alter column agreed_due_on set not null;
