scoutsuite_results = {"account_id": "1", "services": {
