-- Loans that bear interest: which version of a product was sold, and on what the interest of each instalment was agreed.
insert into ledger_account (code, name, name_zh, class, owner, is_line_use, is_balance_kept) values
  (1014, 'consumer receivable, interest', '应收利息', 'asset', 'loan', false, false),
  (4006, 'interest income', '利息收入', 'income', 'house', false, true);

alter table loan add column product_version integer not null default 1;
-- What the fee columns of the loan and its instalments hold.
alter table loan add column cost_kind text not null default 'fee';
alter table loan add constraint loan_cost_kind check (cost_kind in ('fee', 'interest'));

-- Where given, the fee is interest: that of interest_on_minor from this day to the statement date.
alter table loan_instalment add column interest_from_on date;
alter table loan_instalment add column interest_on_minor bigint not null default 0;
alter table loan_instalment add constraint instalment_interest_runs_on_something check (
  (interest_from_on is null) = (interest_on_minor = 0));
