output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "The public subnet of every zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "The private subnet of every zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "database_subnet_ids" {
  description = "The database subnet of every zone."
  value       = { for zone, subnet in aws_subnet.database : zone => subnet.id }
}

output "security_group_ids" {
  description = "The security group of every part that has one."
  value       = { for name, group in aws_security_group.part : name => group.id }
}

output "storage_prefix_list_id" {
  description = "The addresses of S3, as its gateway lists them."
  value       = aws_vpc_endpoint.storage.prefix_list_id
}

output "nat_gateway_ids" {
  description = "The ways out, by zone."
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "nat_addresses" {
  description = "The addresses that venues see, to be listed with keys there."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}
