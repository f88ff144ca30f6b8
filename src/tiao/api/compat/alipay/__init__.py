"""Requests, answers and notices in the form of Alipay's open platform (`/gateway.do`)."""
