-- What was ever kept of a merchant's captures is walked when it fails, also where a refund has used it up.
create index prepaid_hold_of_merchant on prepaid_hold (merchant_id, held_on, loan_id);
drop index prepaid_hold_merchant;
