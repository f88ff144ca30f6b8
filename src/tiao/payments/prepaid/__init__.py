"""Money that customers paid before a service: kept from the merchant, released as the service is given."""
