PROVIDER = "https://pay.example"
PROVIDER_CLIENT_SECRET = "344ev2l4o6wtaalcnkvqd4xlfkwrozcicciwlxy5"
TIMEOUT_S = 10
