module rouse.test/peers/apns2

go 1.21

require (
	github.com/sideshow/apns2 v0.25.0
	golang.org/x/net v0.30.0
)

require (
	github.com/golang-jwt/jwt/v4 v4.4.1 // indirect
	golang.org/x/crypto v0.28.0 // indirect
	golang.org/x/text v0.19.0 // indirect
)
