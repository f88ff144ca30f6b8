-- What a refund brings back of a purchase that was written off: the merchant's money, not the customer's.
alter table refund add column recovered_minor bigint not null default 0;
alter table refund drop constraint refund_amount;
alter table refund add constraint refund_amount check (
  amount_minor > 0 and recovered_minor >= 0 and offset_principal_minor + returned_minor + recovered_minor = amount_minor);
