-- What of a customer's money made a loss good: it came after the loan was written off. The rest stays theirs.
alter table repayment add column recovered_minor bigint not null default 0;
update repayment set recovered_minor = amount_minor where kind = 'recovery';
alter table repayment drop constraint repayment_amount;
alter table repayment add constraint repayment_amount check (
  amount_minor > 0 and overpaid_minor >= 0 and recovered_minor >= 0
  and overpaid_minor + recovered_minor <= amount_minor);
