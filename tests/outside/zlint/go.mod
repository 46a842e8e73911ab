module eseal/zlint

go 1.25.0

require github.com/zmap/zlint/v3 v3.7.0

require (
	github.com/pelletier/go-toml v1.9.5 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	github.com/weppos/publicsuffix-go v0.50.4-0.20260424101603-5ad6bdf70b02 // indirect
	github.com/zmap/zcrypto v0.0.0-20260426170728-e95752a6dfc1 // indirect
	golang.org/x/crypto v0.50.0 // indirect
	golang.org/x/net v0.53.0 // indirect
	golang.org/x/sys v0.43.0 // indirect
	golang.org/x/text v0.36.0 // indirect
)
