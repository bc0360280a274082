#!/bin/sh
# Refunds one order: refund.sh ORDER
curl --fail --user "refunds:dvrqcjyqr4p6v4pxx3xftntn" --data "order=$1" https://shop.acme.io/api/refunds
