# Ledger export to the bank
BANK_SFTP_HOST = "sftp.bank.example"
BANK_SFTP_USER = "acme"
LEDGER_API_KEY = "7ykacc2p5azqhbjpart4sgpptj6kbcnzd2lohkwx"
