"""Asks the running shop for its newest order."""
import urllib.request

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lLmlvIiwic3ViIjoic21va2UtdGVzdCIsImlhdCI6MTcwMDAwMDAwMH0.FFDZxY869tu2DEQUQvCLDWVUfwHVci_pIel0_Dw4Nvw"
request = urllib.request.Request("http://127.0.0.1:8000/api/orders/latest", headers={"Authorization": f"Bearer {TOKEN}"})
print(urllib.request.urlopen(request, timeout=5).status)
