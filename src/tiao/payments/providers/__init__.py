"""The banks: one protocol, one file for each way of reaching one."""
