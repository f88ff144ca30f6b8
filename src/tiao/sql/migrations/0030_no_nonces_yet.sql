-- No form that numbers its requests is served yet; whoever serves one brings the table of what was seen.
drop table request_nonce;
