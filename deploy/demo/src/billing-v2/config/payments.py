import os

PROVIDER = "https://pay.example"
PROVIDER_CLIENT_SECRET = os.environ["PROVIDER_CLIENT_SECRET"]
TIMEOUT_S = 10
