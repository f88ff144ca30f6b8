-- Who issues a key in another operator's name holds its token, and could agree with it to their own proposals. So it is kept
-- who issued it, and it only reads until an operator other than the issuer has confirmed it. Null: issued from the
-- machine itself or by the operator to themselves; keys of before are among these.
alter table api_key add column issued_by uuid,
                    add column confirmed_by uuid,
                    add constraint api_key_issued_by check (issued_by <> subject_id),
                    add constraint own_introduction check (confirmed_by <> issued_by),
                    add constraint api_key_confirmed check (confirmed_by is null or issued_by is not null);
