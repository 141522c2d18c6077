// The stand-ins for vendors as OpenTofu providers: aws and cloudflare, by the program's own name
// (terraform-provider-aws, terraform-provider-cloudflare). They write to the name server that
// STANDIN_DNS_SERVER and STANDIN_DNS_KEY tell, by RFC 2136. The sources of what each vendor does
// are those of ../../vendors.py, which is their twin for Pulumi.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type vendor struct {
	name      string
	resources []func() resource.Resource
	sources   []func() datasource.DataSource
}

type settings struct {
	Region types.String `tfsdk:"region"`
}

var vendors = map[string]vendor{
	"aws": {
		name: "aws",
		resources: []func() resource.Resource{
			func() resource.Resource { return &route53Zone{} },
			func() resource.Resource { return &route53Record{} },
		},
		sources: []func() datasource.DataSource{
			func() datasource.DataSource { return &route53ZoneData{} },
		},
	},
	"cloudflare": {
		name: "cloudflare",
		resources: []func() resource.Resource{
			func() resource.Resource { return &cloudflareRecord{} },
		},
	},
}

func (v *vendor) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = v.name
}

func (v *vendor) Schema(_ context.Context, _ provider.SchemaRequest, answer *provider.SchemaResponse) {
	answer.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{"region": schema.StringAttribute{Optional: true}},
	}
}

func (v *vendor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (v *vendor) Resources(context.Context) []func() resource.Resource {
	return v.resources
}

func (v *vendor) DataSources(context.Context) []func() datasource.DataSource {
	return v.sources
}

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	chosen, known := vendors[name]
	if !known {
		log.Fatalf("there is no stand-in for %s", name)
	}
	owner := map[string]string{"aws": "hashicorp", "cloudflare": "cloudflare"}[name]
	err := providerserver.Serve(
		context.Background(),
		func() provider.Provider { return &chosen },
		providerserver.ServeOpts{Address: "registry.opentofu.org/" + owner + "/" + name},
	)
	if err != nil {
		log.Fatal(err)
	}
}
