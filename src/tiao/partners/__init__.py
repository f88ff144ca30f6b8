"""Who sells and who may call: merchants, and the API keys of consumers, merchants and operators."""
