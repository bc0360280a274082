#!/bin/sh
# Asks the shop for yesterday's orders.
curl --fail --header "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY21lLmlvIiwic3ViIjoiYmlsbGluZyIsImlhdCI6MTcwMDAwMDAwMH0.--L0lGv-eW4O802S10ABRhaaAkWZlFhzB56vQcf8yoY" https://shop.acme.io/api/orders
