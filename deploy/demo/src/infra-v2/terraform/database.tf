resource "aws_db_instance" "billing" {
  identifier              = "billing"
  engine                  = "postgres"
  engine_version          = "14.7"
  instance_class          = "db.t3.medium"
  allocated_storage       = 50
  username                = "billing"
  password                = var.billing_db_password
  publicly_accessible     = false
  storage_encrypted       = true
  backup_retention_period = 0
  skip_final_snapshot     = true
}

variable "billing_db_password" {
  type      = string
  sensitive = true
}
